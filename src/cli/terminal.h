#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <string_view>

namespace weir::cli {

/// Where a command prints. Results go to `out`, everything else to `err`.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool color = false;               ///< of `out`: a terminal, and NO_COLOR is not set
  std::istream* answers = nullptr;  ///< of a person who reads `err`; null: nobody is asked
};

/// Standard output and standard error as they are.
Terminal standard_terminal();

/// What takes long shows how far it is: one line that is rewritten on a terminal, one line for each
/// change elsewhere. The line is gone (on a terminal) when the object is.
class Progress {
 public:
  explicit Progress(Terminal& terminal) : terminal_(terminal) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::string_view line);
  void clear();

 private:
  Terminal& terminal_;
  std::string shown_;
};

}  // namespace weir::cli
