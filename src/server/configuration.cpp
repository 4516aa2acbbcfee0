#include "server/configuration.h"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/strings.h"
#include "codec/yaml.h"
#include "server/settings_table.h"

namespace weir::server {
namespace {

using codec::FieldErrors;
using codec::Node;

std::string known_names(const std::string& section) {
  std::vector<std::string> names;
  for (const Setting& setting : settings()) {
    std::string name = setting.path;
    if (!section.empty()) {
      if (!name.starts_with(section + ".")) continue;
      name = name.substr(section.size() + 1);
    }
    name = name.substr(0, name.find('.'));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return join(names, ", ");
}

void read_settings(const Node& document, const std::string& section, Configuration& configuration,
                   FieldErrors& errors) {
  for (const auto& [name, value] : document.members) {
    const std::string path = section.empty() ? name : section + "." + name;
    const Setting* exact = nullptr;
    bool is_section = false;
    for (const Setting& setting : settings()) {
      if (setting.path == path) exact = &setting;
      is_section = is_section || setting.path.starts_with(path + ".");
    }
    if (value.is_null() && (exact != nullptr || is_section)) continue;  // as if it were not there
    if (exact != nullptr) exact->read(value, configuration, errors);
    else if (is_section && value.is_object()) read_settings(value, path, configuration, errors);
    else if (is_section) errors.add(path, "must hold " + known_names(path) + ".");
    else errors.add(path, "is no setting. There are: " + known_names(section) + ".");
  }
}

Status read_file(const std::string& file, Configuration& configuration) {
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.is_open() || in.bad())
    return fail(Code::kNotFound, fmt::format("The configuration file {} cannot be read.", file));
  auto documents = codec::parse_yaml_documents(text);
  if (!documents) return std::move(documents).error().with_context(file);
  if (documents->empty()) return {};
  if (documents->size() > 1 || !documents->front().is_object())
    return fail(Code::kInvalidArgument, fmt::format("{} must be one YAML mapping.", file));
  FieldErrors errors;
  read_settings(documents->front(), "", configuration, errors);
  if (errors.empty()) return {};
  return errors.to_error().with_context(file);
}

std::string from_environment(const ConfigurationSources& sources, const char* name) {
  const auto found = sources.environment.find(name);
  return found == sources.environment.end() ? std::string() : found->second;
}

std::string indented(const std::string& text, std::size_t spaces) {
  std::string out;
  for (const std::string_view line : split(trim(text), '\n'))
    out += std::string(spaces, ' ') + std::string(line) + "\n";
  return out;
}

std::string wrapped_comment(const std::string& text, std::size_t spaces) {
  std::string out, line;
  for (const std::string_view word : split(text, ' ')) {
    if (!line.empty() && spaces + 3 + line.size() + word.size() > 98) {
      out += fmt::format("{}# {}\n", std::string(spaces, ' '), line);
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string(word);
  }
  return out + fmt::format("{}# {}\n", std::string(spaces, ' '), line);
}

}  // namespace

Result<ListenAddress> parse_listen(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto bad = [&] {
    return fail(Code::kInvalidArgument,
                fmt::format("'{}' is no address with a port, e.g. 127.0.0.1:8080.", text));
  };
  if (colon == std::string::npos) return bad();
  std::string host = text.substr(0, colon);
  const std::string_view port_text = std::string_view(text).substr(colon + 1);
  int port = -1;
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc() || end != port_text.data() + port_text.size() || port < 0 ||
      port > 65535)
    return bad();
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(host, failed);
  if (failed) return bad();
  if (!address.is_loopback())
    return fail(Code::kInvalidArgument,
                fmt::format("{} is not a loopback address. Weir has no authentication yet, so it "
                            "listens on 127.0.0.1 or [::1] only.",
                            host),
                "NotLoopback");
  return ListenAddress{host, port};
}

Result<Configuration> load_configuration(const ConfigurationSources& sources) {
  Configuration configuration;
  if (!sources.file.empty()) WEIR_CHECK_OK(read_file(sources.file, configuration));
  if (auto data = from_environment(sources, "WEIR_DATA"); !data.empty())
    configuration.data = std::move(data);
  if (auto homes = from_environment(sources, "WEIR_FLINK_HOMES"); !homes.empty())
    configuration.flink_homes = std::move(homes);
  if (sources.listen) configuration.listen = *sources.listen;
  if (sources.data) configuration.data = *sources.data;
  if (sources.flink_homes) configuration.flink_homes = *sources.flink_homes;

  if (const auto listen = parse_listen(configuration.listen); !listen)
    return Error(listen.error()).with_context("listen");
  if (configuration.data.empty()) return fail(Code::kInvalidArgument, "data: must not be empty.");
  if (configuration.flink_homes.empty())
    return fail(Code::kInvalidArgument, "flink.homes: must not be empty.");
  if (configuration.certificate_file.empty() != configuration.key_file.empty())
    return fail(Code::kInvalidArgument,
                "tls.certificateFile and tls.keyFile belong together: give both or none.");
  return configuration;
}

void make_paths_absolute(Configuration& configuration, const std::string& home) {
  for (std::string* path :
       {&configuration.data, &configuration.flink_homes, &configuration.java,
        &configuration.certificate_file, &configuration.key_file, &configuration.ca_file}) {
    if (path->empty()) continue;
    if (*path == "~" || path->starts_with("~/")) *path = home + path->substr(1);
    std::error_code error;
    auto absolute = std::filesystem::absolute(*path, error).lexically_normal().string();
    while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
    *path = std::move(absolute);
  }
  configuration.control.data_directory = configuration.data;
}

std::string print_configuration(const Configuration& configuration) {
  std::string out, section;
  for (const Setting& setting : settings()) {
    const auto dot = setting.path.find('.');
    const std::string here = dot == std::string::npos ? "" : setting.path.substr(0, dot);
    const std::string name = here.empty() ? setting.path : setting.path.substr(dot + 1);
    if (here != section && !here.empty()) out += "\n" + here + ":\n";
    else if (!out.empty() && here.empty()) out += "\n";
    section = here;
    const std::size_t indent = here.empty() ? 0 : 2;
    out += wrapped_comment(fmt::format("{} ({})", setting.meaning, setting.type), indent);
    Node line = Node::object();
    line.set(name, setting.show(configuration));
    out += indented(codec::write_yaml(line), indent);
  }
  return out;
}

}  // namespace weir::server
