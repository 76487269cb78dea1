#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/agent/scratch_folder.hpp"
#include "tests/read_file.hpp"

namespace haltere::agent {
namespace {

struct Finished {
  int exit_code = -1;
  std::string output;  ///< stdout, then stderr
};

// Runs `haltere` with `arguments`, as a shell would.
Finished haltere(const std::string& arguments) {
  const std::string command = std::string(HALTERE_PROGRAM) + " " + arguments + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");  // NOLINT(cert-env33-c): the command is ours
  Finished finished;
  if (pipe == nullptr) return finished;
  std::array<char, 4096> buffer{};
  for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    finished.output.append(buffer.data(), size);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
  return finished;
}

TEST(CommandLine, version_and_help_succeed) {
  EXPECT_EQ(haltere("--version").exit_code, 0);
  EXPECT_EQ(haltere("--version").output.substr(0, 8), "haltere ");
  EXPECT_EQ(haltere("--help").exit_code, 0);
  EXPECT_EQ(haltere("run --help").exit_code, 0);
}

TEST(CommandLine, bad_usage_is_2_with_a_hint) {
  EXPECT_EQ(haltere("").exit_code, 2);
  const Finished slip = haltere("relpay x.yaml");
  EXPECT_EQ(slip.exit_code, 2);
  EXPECT_EQ(slip.output, "haltere: there is no command 'relpay'; did you mean 'replay'?\n");
  EXPECT_EQ(haltere("help --colour").exit_code, 2);
  EXPECT_EQ(haltere("--quiet --verbose help").exit_code, 2);
}

TEST(CommandLine, help_knows_every_component) {
  const Finished all = haltere("help");
  EXPECT_EQ(all.exit_code, 0);
  EXPECT_NE(all.output.find("sensors serial_lines"), std::string::npos);
  const Finished one = haltere("help sensor serial_lines");
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_NE(one.output.find("baud: whole number"), std::string::npos);
  EXPECT_EQ(haltere("help serial_lines").output, one.output);
  const Finished none = haltere("help sensors serial_line");
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.output.find("did you mean 'serial_lines'?"), std::string::npos);
}

TEST(CommandLine, several_microcontrollers_are_asked_one_and_all) {
  const Finished absent = haltere("mcu status --json --device /nonexistent/a,/nonexistent/b");
  EXPECT_EQ(absent.exit_code, 1);
  for (const char* part :
       {"haltere: /nonexistent/a: cannot open it", "haltere: /nonexistent/b: cannot open it",
        "\"/nonexistent/a\": null", "\"/nonexistent/b\": null"}) {
    EXPECT_NE(absent.output.find(part), std::string::npos) << part << "\n" << absent.output;
  }
  EXPECT_EQ(haltere("mcu stream --device a,b --rate 10Hz --for 1s -o x.csv").exit_code, 2);
}

TEST(CommandLine, check_names_every_error_with_its_place) {
  const Finished finished = haltere("check tests/agent/cli/broken.yaml");
  EXPECT_EQ(finished.exit_code, 2);
  for (const char* line :
       {"tests/agent/cli/broken.yaml:2:3: error: 'nmae' is not a setting of agent; did you mean "
        "'name'?\n",
        "tests/agent/cli/broken.yaml:6:5: error: 'buad' is not a setting of sensor platform "
        "'serial_lines'; did "
        "you mean 'baud'?\n",
        "tests/agent/cli/broken.yaml:7:11: error: '119' has no unit; did you mean '119Hz'?\n"}) {
    EXPECT_NE(finished.output.find(line), std::string::npos) << line << "is not in\n"
                                                             << finished.output;
  }
  EXPECT_EQ(haltere("check /nonexistent.yaml").exit_code, 2);
}

const std::string example_bundle = "tests/fuzz/corpus/bundle_fuzz/example.hb";

TEST(CommandLine, model_show_describes_a_bundle_file) {
  const Finished text = haltere("model show " + example_bundle);
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_NE(text.output.find("36-32 relu -16 relu -6 softmax"), std::string::npos);
  const Finished json = haltere("model show " + example_bundle + " --json");
  EXPECT_EQ(json.exit_code, 0);
  EXPECT_NE(json.output.find("\"multiply_accumulates\": 1760"), std::string::npos);
}

const std::string table = "tests/agent/cli/table.csv";

TEST(CommandLine, every_run_leaves_a_report_in_the_state_folder) {
  const ScratchFolder state;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread
  setenv("STATE_DIRECTORY", state.path().c_str(), 1);
  EXPECT_EQ(haltere("learn " + table + " --target warm --json").exit_code, 0);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread
  unsetenv("STATE_DIRECTORY");
  const std::string text =
      read_text(std::filesystem::directory_iterator(state.path() / "reports")->path());
  EXPECT_NE(text.find("\"command\": \"" HALTERE_PROGRAM " learn "), std::string::npos) << text;
  EXPECT_NE(text.find("\"prequential\""), std::string::npos) << text;

  const auto named = state.path() / "named.json";
  const std::string learn = "learn " + table + " --target warm --json --no-save";
  EXPECT_EQ(haltere(learn + " --report " + named.string()).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(named));
  EXPECT_EQ(haltere(learn + " --report " + (named / "below_a_file.json").string()).exit_code, 1);
}

TEST(CommandLine, learn_keeps_the_model_where_model_finds_it) {
  const ScratchFolder state;
  const std::string in = " --state " + state.path().string();
  const std::string learn = "learn " + table + in + " --target ";
  const std::filesystem::path models = state.path() / "models" / "table";
  EXPECT_EQ(haltere(learn + "warm --no-save").exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(models));
  EXPECT_EQ(haltere(learn + "warm").exit_code, 0);
  EXPECT_EQ(haltere(learn + "warm").exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(models / "1.hb"));
  EXPECT_TRUE(std::filesystem::exists(models / "2.hb"));
  EXPECT_EQ(haltere("model show table" + in).exit_code, 0);

  const Finished other = haltere(learn + "lux --task regress");
  EXPECT_EQ(other.exit_code, 0);
  EXPECT_NE(other.output.find("another model 'table'"), std::string::npos) << other.output;
  EXPECT_EQ(haltere(learn + "lux --task regress --id lux").exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(state.path() / "models" / "lux" / "1.hb"));
  EXPECT_EQ(haltere(learn + "warm --id no/path").exit_code, 2);
}

TEST(CommandLine, learn_takes_options_before_the_table) {
  const ScratchFolder folder;
  const Finished learned =
      haltere("learn --no-save --report " + (folder.path() / "r.json").string() +
              " --missing -200 --missing off --leave-out t --test " + table + ' ' + table +
              " --target warm");
  EXPECT_EQ(learned.exit_code, 0) << learned.output;
}

TEST(CommandLine, learn_draws_a_plot) {
  const ScratchFolder folder;
  const std::filesystem::path plot = folder.path() / "plot.svg";
  EXPECT_EQ(haltere("learn " + table + " --target warm --no-save --report " +
                    (folder.path() / "r.json").string() + " --plot " + plot.string())
                .exit_code,
            0);
  EXPECT_TRUE(read_text(plot).starts_with("<svg "));
}

TEST(CommandLine, label_and_status_find_the_agent_by_its_file) {
  const ScratchFolder folder;
  const std::string file = folder.path() / "agent.yaml";
  std::ofstream(file)
      << "agent: {state: " << folder.path().string()
      << "}\nsensors: [{id: a, platform: serial_lines, device: /nowhere, rate: 1Hz, "
         "columns: [x]}]\n";
  const std::string socket = folder.path() / "control.sock";
  for (const std::string& command :
       {"label walk " + file, "status " + file, "status --state " + folder.path().string()}) {
    const Finished finished = haltere(command);
    EXPECT_EQ(finished.exit_code, 1) << "nobody listens";
    EXPECT_NE(finished.output.find(socket), std::string::npos) << finished.output;
  }
  EXPECT_EQ(haltere("status /nonexistent.yaml").exit_code, 2);
}

TEST(CommandLine, model_export_copies_the_bundle_or_its_values) {
  EXPECT_EQ(haltere("model export " + example_bundle + " | cmp - " + example_bundle).exit_code, 0);
  const Finished json = haltere("model export " + example_bundle + " --format json");
  EXPECT_EQ(json.exit_code, 0);
  EXPECT_NE(json.output.find("\"weights\": ["), std::string::npos);
  const Finished source = haltere("model export " + example_bundle + " --format c");
  EXPECT_EQ(source.exit_code, 0);
  EXPECT_NE(source.output.find("int8_t"), std::string::npos);
  EXPECT_EQ(haltere("model export " + example_bundle + " --format keras").exit_code, 2);
}

TEST(CommandLine, model_says_what_is_no_bundle_or_not_there) {
  const Finished damaged = haltere("model show config/gesture.yaml --json");
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_NE(damaged.output.find("not a usable bundle"), std::string::npos);
  const Finished absent = haltere("model show gesture --state /nonexistent");
  EXPECT_EQ(absent.exit_code, 1);
  EXPECT_NE(absent.output.find("see `haltere model list`"), std::string::npos);
  EXPECT_EQ(haltere("model list --state /nonexistent --json").output, "[]\n");
  EXPECT_EQ(haltere("model").exit_code, 2);
}

}  // namespace
}  // namespace haltere::agent
