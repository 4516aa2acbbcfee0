#include "cli/terminal.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace weir::cli {

Terminal standard_terminal() {
  const char* no_color = std::getenv("NO_COLOR");
  const bool out = isatty(STDOUT_FILENO) != 0;
  const bool wanted = no_color == nullptr || *no_color == '\0';
  const bool err = isatty(STDERR_FILENO) != 0;
  const bool person = err && isatty(STDIN_FILENO) != 0;
  return {std::cout, std::cerr, out, err, out && wanted, person ? &std::cin : nullptr};
}

Progress::~Progress() { clear(); }

void Progress::show(std::string_view line) {
  if (line == shown_) return;
  shown_ = line;
  if (terminal_.err_is_terminal) terminal_.err << "\r\033[K" << line << std::flush;
  else terminal_.err << line << std::endl;
}

void Progress::clear() {
  if (terminal_.err_is_terminal && !shown_.empty()) terminal_.err << "\r\033[K" << std::flush;
  shown_.clear();
}

}  // namespace weir::cli
