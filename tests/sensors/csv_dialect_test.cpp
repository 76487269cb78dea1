#include "sensors/csv_dialect.hpp"

#include <gtest/gtest.h>

#include <string>

namespace haltere::sensors {
namespace {

constexpr CsvDialect usual{};

TEST(GuessDialect, TakesCommasAndAHeaderForUsual) {
  EXPECT_EQ(guess_dialect("a,b\n1,x\n2,y\n"), usual);
  EXPECT_EQ(guess_dialect(""), usual);
  EXPECT_EQ(guess_dialect("a\n1\n2\n"), usual);
  EXPECT_EQ(guess_dialect("a,b\n"), usual);
  EXPECT_EQ(
      guess_dialect("when,say\n1,\"x;y;\nz\"\n2,u\n3,v\n4,w\n5,x\n6,y\n7,z\n8,a\n9,b\n10,c\n"),
      usual);
}

TEST(GuessDialect, FindsSemicolonsWithDecimalCommasAndTrailingSeparators) {
  const CsvDialect dialect = guess_dialect(
      "\xEF\xBB\xBF"
      "Date;Time;CO(GT);PT08.S1(CO);RH;;\r\n"
      "10/03/2004;18.00.00;2,6;1360;48,9;;\r\n"
      "10/03/2004;19.00.00;2;1292;47,7;;\r\n"
      ";;;;;;\r\n");
  EXPECT_EQ(dialect, (CsvDialect{.separator = ';', .decimal_mark = ',', .header = true}));
  EXPECT_EQ(guess_dialect("a;b\n1.5;2\n1;3\n").decimal_mark, '.');
}

TEST(GuessDialect, FindsOtherSeparators) {
  EXPECT_EQ(guess_dialect("a\tb c\n1\tx, y\n2\tz\n").separator, '\t');
  EXPECT_EQ(guess_dialect("a|b\n1|2\n").separator, '|');
  EXPECT_EQ(guess_dialect("a  b\n 1   2\n15 30\n").separator, ' ');
  EXPECT_EQ(guess_dialect("\"room; no\",b\n1,2\n").separator, ',');
}

TEST(GuessDialect, FindsRowNamesThatHaveNoColumn) {
  EXPECT_EQ(guess_dialect("\"date\",\"x\"\n\"1\",\"2015-02-04 17:51:00\",23.2\n"
                          "\"2\",\"2015-02-04 17:52:00\",23.1\n"),
            (CsvDialect{.row_names = true}));
  EXPECT_EQ(guess_dialect("a\tb\nr1\t1\t2\nr2\t3\t4\n"),
            (CsvDialect{.separator = '\t', .row_names = true}));
  EXPECT_FALSE(guess_dialect("a,b\n1,2,\n3,4,\n").row_names);
  EXPECT_FALSE(guess_dialect("a,b\n1,2\n3,4,5\n6,7\n").row_names);
}

TEST(GuessDialect, FindsALineOfUnits) {
  EXPECT_EQ(guess_dialect("a,b,y\nm,V,-\n1,2,0\n2,,1\n"), (CsvDialect{.units = true}));
  EXPECT_EQ(guess_dialect("a;b;y\n(m);;text\n1;2,5;up\n2;3;down\n"),
            (CsvDialect{.separator = ';', .decimal_mark = ',', .units = true}));
  EXPECT_FALSE(guess_dialect("a,b\nm,7\n1,2\n2,3\n").units) << "a number among them";
  EXPECT_FALSE(guess_dialect("a,b\nup,on\ndown,off\n").units) << "texts all the way";
  EXPECT_FALSE(guess_dialect("a,b\n?,NA\n1,2\n2,3\n").units) << "missing values";
}

TEST(GuessDialect, FindsThatThereIsNoHeader) {
  EXPECT_FALSE(guess_dialect("5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n").header);
  EXPECT_FALSE(guess_dialect("5.1,,1\n4.9,3.0,0\n").header);
  EXPECT_FALSE(guess_dialect("e,x\np,x\ne,b\n").header) << "texts that stand again below";
  EXPECT_FALSE(guess_dialect("850,900\n1,2\n3,4\n").header) << "numbers are taken for data";
  EXPECT_TRUE(guess_dialect("wavelength,850\n1,2\n3,4\n").header) << "a name above numbers";
  EXPECT_TRUE(guess_dialect("a,b\nx,1\ny,2\n").header);
}

TEST(GuessDialect, LooksAtTheBeginningOfAFile) {
  EXPECT_FALSE(guess_dialect_of_file("tests/fuzz/corpus/csv_fuzz/blanks_no_header").header);
  EXPECT_EQ(guess_dialect_of_file("/nonexistent/x.csv"), usual);
  EXPECT_EQ(guess_dialect_of_file("-"), usual) << "a pipe is read once";
}

}  // namespace
}  // namespace haltere::sensors
