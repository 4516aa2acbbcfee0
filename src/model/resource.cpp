#include "model/resource.h"

#include "codec/describe_json.h"

namespace weir::model {

std::string_view kind_name(Kind kind) { return codec::enum_text(kind); }

}  // namespace weir::model
