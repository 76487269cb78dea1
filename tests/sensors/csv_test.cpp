#include "sensors/csv.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace haltere::sensors {
namespace {

class CsvFile : public testing::Test {
 protected:
  std::string write(std::string_view text) {
    path_ = testing::TempDir() + "csv_test." + std::to_string(getpid()) + ".csv";
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }
  void TearDown() override { std::filesystem::remove(path_); }

  /// All fields of all records of a file with `text`, joined by `|` and newlines; or the error
  /// without the path.
  std::string contents(std::string_view text, const CsvDialect& dialect = {}) {
    Result<CsvReader> reader = CsvReader::open(write(text), dialect);
    if (!reader) return without_path(reader.error().message);
    std::string all;
    CsvRow row;
    while (true) {
      const Result<bool> more = reader->next(row);
      if (!more) return without_path(more.error().message);
      if (!*more) return all;
      for (const std::string_view field : row.fields()) all.append(field).append("|");
      all += '\n';
    }
  }

 private:
  std::string without_path(const std::string& message) {
    return message.starts_with(path_) ? message.substr(path_.size() + 1) : message;
  }
  std::string path_;
};

std::vector<std::string> split(std::string_view record) {
  CsvRow row;
  EXPECT_TRUE(row.split(record).ok()) << record;
  return {row.fields().begin(), row.fields().end()};
}

using Fields = std::vector<std::string>;

TEST(CsvRow, SplitsPlainFieldsAndKeepsEmptyOnes) {
  EXPECT_EQ(split("a,b,c"), (Fields{"a", "b", "c"}));
  EXPECT_EQ(split(",,"), (Fields{"", "", ""}));
  EXPECT_EQ(split(""), Fields{""});
}

TEST(CsvRow, SplitsLongRecordsWhereverTheSeparatorsStand) {
  for (const char separator : {',', '\t', '\x80'}) {
    for (std::size_t first = 0; first < 20; ++first) {
      for (std::size_t second = first + 1; second < 24; ++second) {
        std::string record(24, '-');
        record[first] = record[second] = separator;
        CsvRow row;
        ASSERT_TRUE(row.split(record, separator).ok());
        ASSERT_EQ(row.size(), 3U);
        EXPECT_EQ(row[0].size(), first);
        EXPECT_EQ(row[1].size(), second - first - 1);
        EXPECT_EQ(row[2].size(), 23 - second);
        EXPECT_EQ(row.column(2), static_cast<int>(second) + 2);
      }
    }
  }
}

TEST(CsvRow, UndoesQuotes) {
  EXPECT_EQ(split(R"("a,b",c,"say ""hi""","")"), (Fields{"a,b", "c", "say \"hi\"", ""}));
  EXPECT_EQ(split("\"two\nlines\",x"), (Fields{"two\nlines", "x"}));
  EXPECT_EQ(split(R"(x,"y",)"), (Fields{"x", "y", ""}));
}

TEST(CsvRow, SplitsAtOtherSeparators) {
  CsvRow row;
  ASSERT_TRUE(row.split("a,b;\"c;d\"; \"e\"", ';').ok());
  EXPECT_EQ((Fields{row.fields().begin(), row.fields().end()}), (Fields{"a,b", "c;d", "e"}));
  ASSERT_TRUE(row.split("  1 \t 2  3 ", ' ').ok());
  EXPECT_EQ((Fields{row.fields().begin(), row.fields().end()}), (Fields{"1", "2", "3"}));
  EXPECT_EQ(row.column(1), 7);
}

TEST(CsvRow, SaysWhereAQuoteIsOutOfPlace) {
  const std::vector<std::pair<std::string, int>> cases{
      {R"(ab,"cd)", 4}, {R"(ab,c"d)", 5}, {R"("ab"c,d)", 5}, {R"("ab" ,d)", 5}};
  for (const auto& [record, column] : cases) {
    CsvRow row;
    const Status status = row.split(record);
    ASSERT_FALSE(status.ok()) << record;
    EXPECT_EQ(status.error().kind, ErrorKind::invalid);
    EXPECT_EQ(row.fault_column(), column) << record;
  }
}

TEST(CsvRow, KnowsTheColumnOfEachField) {
  CsvRow row;
  ASSERT_TRUE(row.split(R"(ab,"c,d",e)").ok());
  EXPECT_EQ(row.column(0), 1);
  EXPECT_EQ(row.column(1), 4);
  EXPECT_EQ(row.column(2), 10);
  EXPECT_EQ(row.column(7), 1);
}

TEST(ParseCell, ReadsNumbersAsStrtodWould) {
  for (const char* text : {"0", "-0.12", "1.414", "123456789.25", "1e-3", "-2.5E+4", "0.1", ".5",
                           "5.", "0.30000000000000004", "12345678901234567890", "4.9e-324"}) {
    double value = 0.0;
    ASSERT_EQ(parse_cell(text, value), Cell::number) << text;
    EXPECT_EQ(value, std::strtod(text, nullptr)) << text;
  }
  double value = 0.0;
  EXPECT_EQ(parse_cell(" +1.5\t", value), Cell::number);
  EXPECT_EQ(value, 1.5);
  EXPECT_EQ(parse_cell("-0", value), Cell::number);
  EXPECT_TRUE(std::signbit(value));
}

TEST(ParsePlainDecimal, ReadsWhatStrtodWouldWhereverItStands) {
  for (const std::string number :
       {"0", "7", "-7", "0.5", "-.5", "5.", "-12.75", "123456", "1234567", "12345678", "123456.7",
        "1234567.8", "-0.0000001", "123456789012345", "-12345678.9012345"}) {
    for (const std::string before : {"", "1", "ab,", "12345678,"}) {
      for (const std::string after : {"", ",", ",-1.5,2", "e3", ":", " ", "x1234567890"}) {
        double value = 0.0;
        const std::string text = before + number + after;
        ASSERT_EQ(parse_plain_decimal(text, before.size(), value), number.size()) << text;
        EXPECT_EQ(value, std::strtod(number.c_str(), nullptr)) << text;
      }
    }
  }
}

TEST(ParsePlainDecimal, LeavesAloneWhatIsNone) {
  double value = 0.0;
  for (const std::string text :
       {"", "-", ".", "-.", "x", "+1", " 1", ",", "--1", "1234567890123456", "0.1234567890123456",
        "abcdefghi", "-abcdefghi", ".-1234567"})
    EXPECT_EQ(parse_plain_decimal(text, 0, value), 0U) << text;
  EXPECT_EQ(parse_plain_decimal("12345678", 8, value), 0U);
}

TEST(ParseCell, TellsMissingFromText) {
  for (const char* text :
       {"", "  ", "nan", "NaN", "-nan", "NA", "n/a", "#N/A", "<NA>", "null", "?"}) {
    double value = 0.0;
    EXPECT_EQ(parse_cell(text, value), Cell::missing) << text;
    EXPECT_TRUE(std::isnan(value)) << text;
  }
  for (const char* text : {"abc", "1.2.3", "1,2", "0x10", "inf", "-Infinity", "1e999", "--1", "+-1",
                           "-", ".", "1 2", "1e"}) {
    double value = 0.0;
    EXPECT_EQ(parse_cell(text, value), Cell::text) << text;
    EXPECT_TRUE(std::isnan(value)) << text;
  }
}

TEST(ParseCell, ReadsDecimalCommas) {
  double value = 0.0;
  EXPECT_EQ(parse_comma_cell("-2,625", value), Cell::number);
  EXPECT_EQ(value, -2.625);
  EXPECT_EQ(parse_comma_cell("1360", value), Cell::number);
  EXPECT_EQ(value, 1360.0);
  EXPECT_EQ(parse_comma_cell("", value), Cell::missing);
  for (const char* text : {"2.6", "1.234,5", "1,2,3", "10.03.2004", "x"})
    EXPECT_EQ(parse_comma_cell(text, value), Cell::text) << text;
}

TEST(ParseCsvColumn, SplitsKnownUnitsFromTheName) {
  const CsvColumn colon = parse_csv_column("ax:g");
  EXPECT_EQ(colon.name, "ax");
  EXPECT_EQ(colon.unit, "g");
  EXPECT_NEAR(colon.scale.factor, 9.80665, 1e-9);
  const CsvColumn underscore = parse_csv_column(" gx_dps ");
  EXPECT_EQ(underscore.name, "gx");
  EXPECT_EQ(underscore.scale.dimension, config::Dimension::angular_rate);
  EXPECT_EQ(parse_csv_column("humidity_ratio").name, "humidity_ratio");
  EXPECT_EQ(parse_csv_column("ax").unit, "");
  EXPECT_EQ(parse_csv_column("rec:segment").unit, "segment");
  EXPECT_EQ(parse_csv_column("ax:furlong").scale.dimension, config::Dimension::none);
}

TEST(FindCsvColumn, PrefersTheExactTextAndRefusesAmbiguity) {
  const std::vector<CsvColumn> columns{parse_csv_column("ax_g"), parse_csv_column("ax:mg"),
                                       parse_csv_column("ay_g"), parse_csv_column("ay")};
  EXPECT_EQ(find_csv_column(columns, "ax_g"), 0);
  EXPECT_EQ(find_csv_column(columns, "ax"), -1);
  EXPECT_EQ(find_csv_column(columns, "ay"), 3);
  EXPECT_EQ(find_csv_column(columns, "az"), -1);
}

TEST_F(CsvFile, ReadsAnyLineEndsCommentsAndByteOrderMark) {
  EXPECT_EQ(contents("a,b\n1,2\n3,4\n"), "1|2|\n3|4|\n");
  EXPECT_EQ(contents("a,b\r\n1,2\r\n3,4"), "1|2|\n3|4|\n");
  EXPECT_EQ(contents("\xEF\xBB\xBF# say \"hi\na,b\n\n1,2\n#x\n\r\n3,4\n"), "1|2|\n3|4|\n");
  EXPECT_EQ(contents("a,b\n"), "");
}

TEST_F(CsvFile, JoinsLinesInsideQuotesAndCountsThem) {
  EXPECT_EQ(contents("a,b\n1,\"x\ny\"\n2,z\n"), "1|x\ny|\n2|z|\n");
  EXPECT_EQ(contents("a,b\n1,\"x\ny\"\n2\n"), "4:1: 1 fields where the header has 2");
}

TEST_F(CsvFile, SaysWhereItIsWrong) {
  EXPECT_EQ(contents("a,b\n1,x\"y\"\n"),
            "2:4: a quote inside a field that does not start with one");
  EXPECT_EQ(contents("a,b\n1,2,3\n"), "2:1: 3 fields where the header has 2");
  EXPECT_EQ(contents(""), "1:1: no header; the first line must name the columns");
  EXPECT_EQ(contents(std::string("\xFF\xFE") + "a"), "1:1: this is UTF-16; save the file as UTF-8");
  const std::string endless = contents("a\n\"" + std::string(3 * max_csv_record_bytes, '\n'));
  EXPECT_TRUE(endless.starts_with("2:1: longer than 64 KiB")) << endless;
}

TEST_F(CsvFile, PassesOverSeparatorsThatEndALine) {
  EXPECT_EQ(contents("a,b\n1,2,\n3,4,, \n"), "1|2|\n3|4|\n");
  EXPECT_EQ(contents("a;b;;\n1;2;;\n3;4\n", {.separator = ';'}), "1|2|\n3|4|\n");
  EXPECT_EQ(contents("a,b,\n1,2,3\n"), "2:1: 3 fields where the header has 2");
}

TEST_F(CsvFile, PassesOverRowNames) {
  const CsvDialect named{.row_names = true};
  EXPECT_EQ(contents("a,b\nr1,1,2\n\"r 2\",3,\"4\"\n", named), "1|2|\n3|4|\n");
  EXPECT_EQ(contents("a,b\nr1,1,2\nr2,3\n", named), "3:1: 1 fields where the header has 2");
}

TEST_F(CsvFile, NamesColumnsThatHaveNoHeader) {
  const std::string path = write("# about\n5,6\r\n7,8\r\n");
  Result<CsvReader> reader = CsvReader::open(path, {.header = false});
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader->header()[1].text, "c2");
  CsvRow row;
  ASSERT_TRUE(reader->next(row).value());
  EXPECT_EQ(row[0], "5");
  EXPECT_EQ(reader->line(), 2);
  EXPECT_EQ(contents("5 6\n7 8\n", {.separator = ' ', .header = false}), "5|6|\n7|8|\n");
}

TEST_F(CsvFile, GoesOnBehindALineThatIsWrong) {
  Result<CsvReader> reader = CsvReader::open(write("a,b\n1\n3,4\n"));
  ASSERT_TRUE(reader.ok());
  CsvRow row;
  EXPECT_FALSE(reader->next(row).ok());
  ASSERT_TRUE(reader->next(row).value());
  EXPECT_EQ(row[1], "4");
}

TEST_F(CsvFile, ReadsFilesMuchLargerThanItsBuffer) {
  std::string text = "n,square\n";
  constexpr int rows = 200'000;
  for (int i = 0; i < rows; ++i) text += std::to_string(i) + "," + std::to_string(i * 0.5) + "\n";
  Result<CsvReader> reader = CsvReader::open(write(text));
  ASSERT_TRUE(reader.ok());
  CsvRow row;
  int n = 0;
  for (; *reader->next(row); ++n) {
    double value = 0.0;
    ASSERT_EQ(parse_cell(row[1], value), Cell::number);
    ASSERT_EQ(value, n * 0.5);
  }
  EXPECT_EQ(n, rows);
  EXPECT_EQ(reader->line(), rows + 1);
}

TEST_F(CsvFile, FindsQuotesWhereverTheBufferEnds) {
  std::string text = "n,text\n";
  constexpr int rows = 60'000;
  for (int i = 0; i < rows; ++i)
    text += std::to_string(i) + (i % 1000 == 7 ? ",\"a\nb\"\n" : ",some plain text\n");
  Result<CsvReader> reader = CsvReader::open(write(text));
  ASSERT_TRUE(reader.ok());
  CsvRow row;
  int n = 0;
  for (; *reader->next(row); ++n) {
    ASSERT_EQ(row[0], std::to_string(n));
    ASSERT_EQ(row[1], n % 1000 == 7 ? "a\nb" : "some plain text");
  }
  EXPECT_EQ(n, rows);
  EXPECT_EQ(reader->line(), rows + rows / 1000 + 1);
}

TEST_F(CsvFile, SaysWhenThereIsNoFile) {
  const Result<CsvReader> reader = CsvReader::open("/nonexistent/x.csv");
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().kind, ErrorKind::not_found);
  EXPECT_FALSE(CsvReader::open("/tmp").ok());
}

}  // namespace
}  // namespace haltere::sensors
