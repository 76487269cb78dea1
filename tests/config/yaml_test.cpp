#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/node.hpp"

namespace haltere::config {
namespace {

// What the user reads about `text`; empty when it is accepted.
std::string complaint(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  const Result<Node> node = parse_yaml(text, diagnostics);
  EXPECT_TRUE(node.ok() || !diagnostics.empty());
  return to_text("f", diagnostics);
}

Node parsed(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  Result<Node> node = parse_yaml(text, diagnostics);
  EXPECT_TRUE(node.ok()) << to_text("f", diagnostics);
  return node.ok() ? *node : Node{};
}

std::string repeated(std::string_view unit, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += unit;
  return text;
}

TEST(Yaml, keeps_kinds_quotes_and_places) {
  const Node root =
      parsed("agent:\n  name: 'pump'\nsensors:\n  - id: imu\n    rate: [1, \"2\"]\nnone:\n");
  ASSERT_EQ(root.kind, Node::Kind::mapping);
  const Node* name = root.find("agent")->find("name");
  ASSERT_NE(name, nullptr);
  EXPECT_EQ(name->text, "pump");
  EXPECT_TRUE(name->quoted);
  EXPECT_EQ(name->position, (Position{2, 9}));
  const Node& imu = root.find("sensors")->items.at(0);
  EXPECT_EQ(imu.position, (Position{4, 5}));
  EXPECT_EQ(imu.entries.at(1).key_position, (Position{5, 5}));
  EXPECT_EQ(imu.find("rate")->items.at(1).position, (Position{5, 15}));
  EXPECT_FALSE(imu.find("rate")->items.at(0).quoted);
  EXPECT_EQ(root.find("none")->kind, Node::Kind::null);
  EXPECT_EQ(root.find("none")->position, (Position{6, 1}));
  EXPECT_EQ(root.find("absent"), nullptr);
}

TEST(Yaml, empty_files_are_nothing_not_errors) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "~"})
    EXPECT_EQ(parsed(text).kind, Node::Kind::null) << text;
}

TEST(Yaml, windows_line_ends_and_a_byte_order_mark_are_fine) {
  EXPECT_EQ(parsed("\xEF\xBB\xBF"
                   "a: 1\r\nb: 2\r\n")
                .find("b")
                ->text,
            "2");
}

TEST(Yaml, secret_is_the_only_tag) {
  const Node root = parsed("key: !secret tag_key");
  EXPECT_TRUE(root.find("key")->secret);
  EXPECT_EQ(root.find("key")->text, "tag_key");
  EXPECT_EQ(complaint("key: !secret"),
            "f:1:6: error: '!secret' needs a name, as in 'key: !secret NAME'\n");
  EXPECT_EQ(complaint("a: !!int 1"),
            "f:1:4: error: tag 'tag:yaml.org,2002:int' is not supported; only '!secret NAME' is\n");
  EXPECT_EQ(complaint("a: !secret [x]"),
            "f:1:4: error: tag '!secret' is not supported; only '!secret NAME' is\n");
}

TEST(Yaml, duplicate_keys_are_all_reported) {
  EXPECT_EQ(complaint("a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\n"),
            "f:3:1: error: 'a' is given twice; the first is in line 1\n"
            "f:4:11: error: 'd' is given twice; the first is in line 4\n");
}

TEST(Yaml, a_duplicate_key_does_not_hide_what_else_is_wrong) {
  std::vector<Diagnostic> diagnostics;
  const Result<Node> root = parse_yaml("a: 1\na: 3\nb: 2\n", diagnostics);
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(root->find("a")->text, "1");
  EXPECT_EQ(root->find("b")->text, "2");
}

TEST(Yaml, aliases_and_anchors_are_refused) {
  EXPECT_EQ(complaint("a: &x [*x]"),
            "f:1:4: error: anchors (&name) are not supported; write the value out\n");
  // yaml-cpp's words, to which 0.8 adds the name.
  const std::string unknown = complaint("a: *x");
  EXPECT_TRUE(unknown == "f:1:4: error: the referenced anchor is not defined\n" ||
              unknown == "f:1:4: error: the referenced anchor is not defined: x\n")
      << unknown;
  // Nine levels of nine references would be 3.5e9 leaves.
  std::string bomb = "a0: &a0 [x]\n";
  for (char level = '1'; level <= '9'; ++level) {
    bomb.append("a").append(1, level).append(": &a").append(1, level).append(" [");
    for (int i = 0; i < 9; ++i)
      bomb.append("*a").append(1, static_cast<char>(level - 1)).append(",");
    bomb.append("x]\n");
  }
  EXPECT_EQ(complaint(bomb),
            "f:1:5: error: anchors (&name) are not supported; write the value out\n");
}

TEST(Yaml, merge_keys_are_plain_keys) { EXPECT_EQ(parsed("<<: {a: 1}").entries.at(0).key, "<<"); }

TEST(Yaml, a_second_document_is_refused) {
  EXPECT_EQ(complaint("a: 1\n---\nb: 2\n"),
            "f:2:1: error: a second document starts here; a file holds one\n");
  EXPECT_NE(complaint("\"a\" \"b\""), "");
}

TEST(Yaml, keys_are_text) {
  EXPECT_EQ(complaint("? [a]\n: b\n"),
            "f:1:3: error: a key must be plain text; is a bracket before this never closed?\n");
  EXPECT_EQ(complaint(": b\n"), "f:1:1: error: a key is missing before ':'\n");
}

TEST(Yaml, depth_is_limited) {
  EXPECT_EQ(complaint(repeated("[", 16) + repeated("]", 16)), "");
  EXPECT_EQ(complaint(repeated("[", 17) + repeated("]", 17)),
            "f:1:17: error: nested deeper than 16 levels\n");
}

TEST(Yaml, number_of_values_is_limited) {
  EXPECT_EQ(complaint("[" + repeated("1,", 9'998) + "1]"), "");
  EXPECT_EQ(complaint("[" + repeated("1,", 9'999) + "1]"),
            "f:1:20000: error: more than 10000 values\n");
}

TEST(Yaml, size_is_limited) {
  EXPECT_EQ(complaint(std::string(max_file_bytes - 3, '#') + "\na:"), "");
  EXPECT_EQ(complaint(repeated("0123456789", 1'000'000)), "f:1:1: error: larger than 256 KiB\n");
  EXPECT_EQ(complaint("a: " + std::string(5000, 'x')),
            "f:1:4: error: text is longer than 4096 bytes\n");
}

TEST(Yaml, bytes_that_are_not_text_are_refused) {
  using namespace std::string_view_literals;
  EXPECT_EQ(complaint("a: 1\nb: \0"sv), "f:2:4: error: control character in the text\n");
  EXPECT_EQ(complaint("a: \x1B[31m"), "f:1:4: error: control character in the text\n");
  EXPECT_EQ(complaint("a: \xFF"), "f:1:4: error: not valid UTF-8\n");
  for (const char* bad :
       {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "\xC2\x85"}) {
    EXPECT_EQ(complaint(bad), "f:1:1: error: not valid UTF-8\n") << bad;
  }
  EXPECT_EQ(complaint("\xFF\xFE"
                      "a\0:\0"sv),
            "f:1:1: error: not valid UTF-8\n");
  EXPECT_EQ(complaint("# ÄÖ 温度 🙂\na: µs\n"), "");
}

TEST(Yaml, syntax_errors_have_a_place) {
  EXPECT_EQ(complaint("a: 1\n b: 2\n").substr(0, 13), "f:2:3: error:");
  EXPECT_EQ(complaint("a: [1, 2\n"), "f:1:8: error: end of sequence flow not found\n");
  EXPECT_EQ(complaint("a: [1"), "f:1:5: error: end of sequence flow not found\n");
  EXPECT_NE(complaint("\ta: 1\n"), "");
}

// The plain loader would swallow the rest of the file.
TEST(Yaml, unclosed_quotes_are_found) {
  EXPECT_EQ(complaint("a: 'x\nb: 1\n"),
            "f:1:1: error: a quote that opens after this is never closed\n");
  EXPECT_EQ(complaint("a: 1\nb: [2, \"x]\n"),
            "f:2:5: error: a quote that opens after this is never closed\n");
}

// Documents that cost users of the plain loader a crash, minutes or gigabytes.
TEST(Yaml, hostile_documents_are_refused) {
  const std::vector<std::string> documents{
      repeated("[", 100'000),
      repeated("{", 100'000),
      repeated("- ", 50'000) + "a",
      repeated("? ", 50'000),
      repeated("a: ", 10'000),
      repeated("{a: ", 10'000),
      repeated("[", 400) + repeated("]", 400),
      repeated(": \n", 10'001),
      repeated("&a ", 30'000),
      repeated("!a ", 30'000),
      repeated("%TAG ! x\n", 10'000),
      repeated("---\n", 30'000) + "a",
      repeated("'", 99'999),
      repeated("\"\\x", 9'999),
      "a: |99999\n x",
      "a: >-\n" + repeated(" \n", 1000) + "]",
  };
  for (const std::string& document : documents) {
    const std::string message = complaint(document);
    EXPECT_NE(message, "") << document.substr(0, 40);
    EXPECT_LT(message.size(), 5000U) << document.substr(0, 40);
  }
}

TEST(Yaml, wide_documents_are_accepted) {
  std::string text;
  for (int i = 0; i < 4900; ++i)
    text += "key_" + std::to_string(i) + ": " + std::to_string(i) + "\n";
  EXPECT_EQ(parsed(text).entries.size(), 4900U);
}

TEST(Yaml, missing_and_huge_files_have_a_message) {
  std::vector<Diagnostic> diagnostics;
  const Result<Node> missing = load_yaml("/nonexistent/x.yaml", diagnostics);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_EQ(to_text("x.yaml", diagnostics), "x.yaml: error: cannot be opened\n");

  diagnostics.clear();
  const Result<Node> folder = load_yaml("/tmp", diagnostics);
  EXPECT_FALSE(folder.ok());
  EXPECT_EQ(to_text("/tmp", diagnostics), "/tmp: error: cannot be read\n");

  diagnostics.clear();
  const Result<Node> endless = load_yaml("/dev/zero", diagnostics);
  EXPECT_EQ(to_text("x", diagnostics), "x:1:1: error: larger than 256 KiB\n");
}

TEST(Diagnostics, are_sorted_and_harmless_to_terminals) {
  const std::vector<Diagnostic> diagnostics{{{3, 1}, "third"},
                                            {{1, 7}, "second\n\x1B[31m\xFF"},
                                            {{1, 2}, "first"},
                                            {{0, 1}, "typed"},
                                            {{}, "file"}};
  EXPECT_EQ(to_text("f", diagnostics),
            "f: error: file\ncommand line: error: typed\nf:1:2: error: first\nf:1:7: error: second "
            "?[31m?\n"
            "f:3:1: error: third\n");
}

}  // namespace
}  // namespace haltere::config
