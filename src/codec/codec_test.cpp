#include <gtest/gtest.h>

#include "codec/describe_json.h"
#include "codec/difference.h"
#include "codec/json_text.h"
#include "codec/merge_patch.h"
#include "codec/yaml.h"

namespace weir::codec {
namespace {

enum class Colour { RED, DARK_BLUE };
BOOST_DESCRIBE_ENUM(Colour, RED, DARK_BLUE)

struct Inner {
  std::string display_name;
  std::optional<std::int32_t> max_attempts;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (display_name, max_attempts))

struct Outer {
  std::string namespace_;
  std::map<std::string, std::string> labels;
  std::optional<Inner> inner;
  std::vector<Inner> list;
  Colour colour = Colour::RED;
  std::optional<WallTime> created_at;
  double cpu = 1;
  bool on = false;
  boost::json::value raw;
};
BOOST_DESCRIBE_STRUCT(Outer, (),
                      (namespace_, labels, inner, list, colour, created_at, cpu, on, raw))

TEST(WireName, FollowsTheRule) {
  EXPECT_EQ(wire_name("deployment_target_id"), "deploymentTargetId");
  EXPECT_EQ(wire_name("namespace_"), "namespace");
  EXPECT_EQ(wire_name("log4j2_configuration_template"), "log4j2ConfigurationTemplate");
}

TEST(DescribeJson, RoundTripsThroughText) {
  Outer value;
  value.namespace_ = "a";
  value.labels = {{"x", "1\n\"2\""}};
  value.inner = Inner{"n", 4};
  value.list = {Inner{"m", std::nullopt}};
  value.colour = Colour::DARK_BLUE;
  value.created_at = *parse_rfc3339("2020-08-18T07:04:40.379926Z");
  value.cpu = 0.5;
  value.on = true;
  value.raw = boost::json::parse(R"({"k":[1,2.5,null]})");
  const std::string text = to_json_text(value);
  EXPECT_EQ(
      text,
      R"({"namespace":"a","labels":{"x":"1\n\"2\""},"inner":{"displayName":"n","maxAttempts":4},)"
      R"("list":[{"displayName":"m"}],"colour":"DARK_BLUE",)"
      R"("createdAt":"2020-08-18T07:04:40.379926Z","cpu":0.5,"on":true,"raw":{"k":[1,2.5E0,null]}})");
  const auto back = from_json_text<Outer>(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_json_text(*back), text);
}

TEST(DescribeJson, KeepsTheSourceTextOfScalars) {
  const auto value = from_json_text<Outer>(
      R"({"namespace":1.10,"labels":{"a":true,"b":4,"c":0.0},"inner":{"maxAttempts":"4"},"colour":"dark_blue"})");
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(value->namespace_, "1.10");
  EXPECT_EQ(value->labels.at("a"), "true");
  EXPECT_EQ(value->labels.at("b"), "4");
  EXPECT_EQ(value->labels.at("c"), "0.0");
  EXPECT_EQ(value->inner->max_attempts, 4);
  EXPECT_EQ(value->colour, Colour::DARK_BLUE);
}

TEST(DescribeJson, NamesEveryBrokenField) {
  const auto value = from_json_text<Outer>(
      R"({"inner":{"maxAttempts":"x"},"list":[{"displayName":[]}],"colour":"PINK","unknown":1})");
  ASSERT_FALSE(value);
  ASSERT_EQ(value.error().fields.size(), 3u);
  EXPECT_EQ(value.error().fields[0].path, "inner.maxAttempts");
  EXPECT_EQ(value.error().fields[1].path, "list[0].displayName");
  EXPECT_EQ(value.error().fields[2].path, "colour");
}

TEST(Difference, NamesEveryLeafThatDiffers) {
  const auto told = [](const char* before, const char* after) {
    std::string text;
    for (const auto& found : differences(*parse_json(before), *parse_json(after), "spec"))
      text += found.path + ":" + found.old.value_or("-") + ">" + found.new_.value_or("-") + " ";
    return text;
  };
  EXPECT_EQ(told(R"({"a":1,"b":{"c":"x"}})", R"({"b":{"c":"x"},"a":1})"), "");
  EXPECT_EQ(told(R"({"a":1,"b":{"c":"x","d.e":true}})", R"({"a":2,"b":{"c":"x"},"n":{"o":3}})"),
            "spec.a:1>2 spec.b[\"d.e\"]:true>- spec.n.o:->3 ");
  EXPECT_EQ(told(R"({"a":null})", "{}"), "");
  EXPECT_EQ(told(R"({"a":[1,2]})", R"({"a":[1]})"), "spec.a:[1,2]>[1] ");
  EXPECT_EQ(told(R"({"a":{"b":1}})", R"({"a":1})"), "spec.a:{\"b\":1}>1 ");
}

TEST(JsonText, RefusesWhatIsDangerous) {
  for (const char* text :
       {"", "{", "{\"a\":1,\"a\":2}", "[1,]", "{} x", "{\"a\":\"\\u0000\"}", "\xff", "nul", "01"})
    EXPECT_FALSE(parse_json(text)) << text;
  EXPECT_FALSE(parse_json(std::string(100, '[') + std::string(100, ']')));
  EXPECT_TRUE(parse_json(std::string(60, '[') + std::string(60, ']')));
  EXPECT_NE(parse_json("{\n  \"a\": x}").error().message.find("line 2"), std::string::npos);
}

TEST(Yaml, FollowsTheCoreSchema) {
  const auto node =
      parse_yaml("a: no\nb: 1.20\nc: \"1\"\nd: true\ne: ~\nf: 010\ng: [1, x]\nh: {k: v}\n");
  ASSERT_TRUE(node) << node.error().message;
  EXPECT_EQ(write_json(*node),
            R"({"a":"no","b":1.20,"c":"1","d":true,"e":null,"f":"010","g":[1,"x"],"h":{"k":"v"}})");
}

TEST(Yaml, RefusesWhatIsDangerous) {
  for (const char* text :
       {"a: 1\na: 2\n", "a: &x 1\nb: *x\n", "a: !!binary x\n", "a: [", "\t- x: {", "? [a]\n: b\n"})
    EXPECT_FALSE(parse_yaml(text)) << text;
  EXPECT_FALSE(parse_yaml(std::string(100000, '[')));
}

TEST(Yaml, ReadsSeveralDocuments) {
  const auto documents = parse_yaml_documents("---\na: 1\n---\nb: 2\n---\n");
  ASSERT_TRUE(documents);
  EXPECT_EQ(documents->size(), 2u);
}

TEST(Yaml, WhatIsWrittenReadsBackTheSame) {
  const auto node = parse_json(
      R"({"text":"a: b # c","number":"1","bool":"true","empty":{},"none":[],"list":[{"a":1,"b":[2,[3]]},"x",null],)"
      R"("multi":"one\ntwo\n","dash":"- x","colon":"a:b","space":" x ","deep":{"a":{"b":{"c":""}}},"v":1.20})");
  ASSERT_TRUE(node);
  const std::string text = write_yaml(*node);
  const auto back = parse_yaml(text);
  ASSERT_TRUE(back) << back.error().message << "\n" << text;
  EXPECT_EQ(*back, *node) << text;
}

// The examples of RFC 7386, appendix A.
TEST(MergePatch, FollowsTheStandard) {
  const std::vector<std::array<const char*, 3>> cases{
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& [target, patch, expected] : cases) {
    Node node = *parse_json(target);
    merge_patch(node, *parse_json(patch));
    EXPECT_EQ(write_json(node), expected) << target << " + " << patch;
  }
}

}  // namespace
}  // namespace weir::codec
