#include "flink/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/sizes.h"

namespace weir::flink {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

// Reads sizes and fractions with Flink's defaults; remembers the first broken one.
class Reader {
 public:
  explicit Reader(const Configuration& configuration) : configuration_(configuration) {}

  std::int64_t size(const std::string& key, std::int64_t otherwise) {
    const auto found = configuration_.find(key);
    if (found == configuration_.end()) return otherwise;
    if (found->second == "0" || found->second == "0b" || found->second == "0 bytes") return 0;
    const auto bytes = parse_bytes(found->second);
    if (!bytes && status_) status_ = bad(key, bytes.error().message);
    return bytes ? *bytes : otherwise;
  }
  // Flink keeps fractions as 32-bit floats and widens them before it multiplies.
  double fraction(const std::string& key, float otherwise) {
    const auto found = configuration_.find(key);
    if (found == configuration_.end()) return otherwise;
    float value = otherwise;
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if ((error != std::errc() || value < 0 || value >= 1) && status_)
      status_ = bad(key, fmt::format("'{}' is not a fraction below 1.", text));
    return value;
  }
  bool has(const std::string& key) const { return configuration_.contains(key); }
  const Status& status() const { return status_; }

 private:
  static Error bad(const std::string& key, const std::string& why) {
    Error error(Code::kInvalidArgument, key + ": " + why, "BadOption");
    error.fields.push_back({"spec.template.spec.flinkConfiguration." + key, why, "isInvalid"});
    return error;
  }
  const Configuration& configuration_;
  Status status_;
};

std::int64_t part(std::int64_t whole, double fraction) {
  return static_cast<std::int64_t>(static_cast<double>(whole) * fraction);
}

std::string bytes_text(std::int64_t bytes) { return fmt::format("{}b", bytes); }

struct Terms {
  std::int64_t metaspace = 0, overhead = 0, flink = 0, framework_heap = 0, framework_off_heap = 0,
               task_off_heap = 0, managed = 0, network = 0, task_heap = 0;
};

Terms task_manager_terms(std::int64_t process, Reader& read) {
  const std::string p = "taskmanager.memory.";
  Terms t;
  t.metaspace = read.size(p + "jvm-metaspace.size", 256 * kMiB);
  t.overhead = std::clamp(part(process, read.fraction(p + "jvm-overhead.fraction", 0.1F)),
                          read.size(p + "jvm-overhead.min", 192 * kMiB),
                          std::max(read.size(p + "jvm-overhead.min", 192 * kMiB),
                                   read.size(p + "jvm-overhead.max", 1024 * kMiB)));
  t.flink = process - t.metaspace - t.overhead;
  t.framework_heap = read.size(p + "framework.heap.size", 128 * kMiB);
  t.framework_off_heap = read.size(p + "framework.off-heap.size", 128 * kMiB);
  t.task_off_heap = read.size(p + "task.off-heap.size", 0);
  t.managed = read.has(p + "managed.size") ? read.size(p + "managed.size", 0)
                                           : part(std::max<std::int64_t>(t.flink, 0),
                                                  read.fraction(p + "managed.fraction", 0.4F));
  const std::int64_t low = read.size(p + "network.min", 64 * kMiB);
  const std::int64_t high = read.size(p + "network.max", std::int64_t{1} << 62);
  t.network = std::clamp(
      part(std::max<std::int64_t>(t.flink, 0), read.fraction(p + "network.fraction", 0.1F)), low,
      std::max(low, high));
  t.task_heap =
      t.flink - t.framework_heap - t.framework_off_heap - t.task_off_heap - t.managed - t.network;
  return t;
}

Error too_small(std::string_view role, std::int64_t process, std::int64_t smallest,
                const std::string& terms) {
  const std::string text = fmt::format(
      "The {}'s memory of {} is too small: {}. The smallest that works with this configuration is "
      "{}m.",
      role, format_bytes(process), terms, (smallest + kMiB - 1) / kMiB);
  Error error(Code::kInvalidArgument, text, "MemoryTooSmall");
  error.fields.push_back({fmt::format("spec.template.spec.resources.{}.memory",
                                      role == "JobManager" ? "jobmanager" : "taskmanager"),
                          text, "isLower"});
  return error;
}

}  // namespace

Result<ProcessMemory> task_manager_memory(std::int64_t process, int slots,
                                          const Configuration& configuration) {
  Reader read(configuration);
  const Terms t = task_manager_terms(process, read);
  if (!read.status()) return Error(read.status().error());
  if (t.task_heap < 0) {
    std::int64_t smallest = process;
    while (task_manager_terms(smallest, read).task_heap < 0) smallest += 16 * kMiB;
    return too_small(
        "TaskManager", process, smallest,
        fmt::format("metaspace {} + JVM overhead {} + framework heap {} + framework off-heap {} + "
                    "managed {} + network {} leave nothing for the tasks' heap",
                    format_bytes(t.metaspace), format_bytes(t.overhead),
                    format_bytes(t.framework_heap), format_bytes(t.framework_off_heap),
                    format_bytes(t.managed), format_bytes(t.network)));
  }
  const std::int64_t heap = t.framework_heap + t.task_heap;
  ProcessMemory memory;
  memory.jvm_flags = {
      fmt::format("-Xmx{}", heap), fmt::format("-Xms{}", heap),
      fmt::format("-XX:MaxDirectMemorySize={}", t.framework_off_heap + t.task_off_heap + t.network),
      fmt::format("-XX:MaxMetaspaceSize={}", t.metaspace)};
  const std::string p = "taskmanager.memory.";
  const auto cores = configuration.find("taskmanager.cpu.cores");
  memory.settings = {{p + "network.min", bytes_text(t.network)},
                     {"taskmanager.cpu.cores",
                      cores != configuration.end() ? cores->second : fmt::format("{}.0", slots)},
                     {p + "task.off-heap.size", bytes_text(t.task_off_heap)},
                     {p + "jvm-metaspace.size", bytes_text(t.metaspace)},
                     {"external-resources", "none"},
                     {p + "jvm-overhead.min", bytes_text(t.overhead)},
                     {p + "framework.off-heap.size", bytes_text(t.framework_off_heap)},
                     {p + "network.max", bytes_text(t.network)},
                     {p + "framework.heap.size", bytes_text(t.framework_heap)},
                     {p + "managed.size", bytes_text(t.managed)},
                     {p + "task.heap.size", bytes_text(t.task_heap)},
                     {"taskmanager.numberOfTaskSlots", std::to_string(slots)},
                     {p + "jvm-overhead.max", bytes_text(t.overhead)}};
  return memory;
}

Result<ProcessMemory> job_manager_memory(std::int64_t process, const Configuration& configuration) {
  Reader read(configuration);
  const std::string p = "jobmanager.memory.";
  const std::int64_t metaspace = read.size(p + "jvm-metaspace.size", 256 * kMiB);
  const std::int64_t off_heap = read.size(p + "off-heap.size", 128 * kMiB);
  const std::int64_t low = read.size(p + "jvm-overhead.min", 192 * kMiB);
  const double fraction = read.fraction(p + "jvm-overhead.fraction", 0.1F);
  const std::int64_t high = std::max(low, read.size(p + "jvm-overhead.max", 1024 * kMiB));
  if (!read.status()) return Error(read.status().error());
  const std::int64_t overhead = std::clamp(part(process, fraction), low, high);
  const std::int64_t heap = process - metaspace - overhead - off_heap;
  // Flink starts with less than 128 MiB of heap too, but a job's graph hardly fits.
  constexpr std::int64_t kSmallestHeap = 64 * kMiB;
  if (heap < kSmallestHeap)
    return too_small(
        "JobManager", process, metaspace + low + off_heap + kSmallestHeap,
        fmt::format("metaspace {} + JVM overhead {} + off-heap {} leave less than {} of heap",
                    format_bytes(metaspace), format_bytes(overhead), format_bytes(off_heap),
                    format_bytes(kSmallestHeap)));
  ProcessMemory memory;
  memory.jvm_flags = {fmt::format("-Xmx{}", heap), fmt::format("-Xms{}", heap),
                      fmt::format("-XX:MaxMetaspaceSize={}", metaspace)};
  const auto limit = configuration.find(p + "enable-jvm-direct-memory-limit");
  if (limit != configuration.end() && limit->second == "true")
    memory.jvm_flags.push_back(fmt::format("-XX:MaxDirectMemorySize={}", off_heap));
  memory.settings = {{p + "off-heap.size", bytes_text(off_heap)},
                     {p + "jvm-overhead.min", bytes_text(overhead)},
                     {p + "jvm-metaspace.size", bytes_text(metaspace)},
                     {p + "heap.size", bytes_text(heap)},
                     {p + "jvm-overhead.max", bytes_text(overhead)}};
  return memory;
}

}  // namespace weir::flink
