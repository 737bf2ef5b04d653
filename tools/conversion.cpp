#include "conversion.h"

#include <limits>
#include <type_traits>

#include "component_types.h"

namespace swr::tool {
namespace {

template <class From, class To>
constexpr bool holds() {
  if (std::is_signed_v<From> && std::is_unsigned_v<To>) return false;
  if (std::is_floating_point_v<From> && std::is_integral_v<To>) return false;
  // Bits of a number without its sign.
  return std::numeric_limits<From>::digits <= std::numeric_limits<To>::digits;
}

}  // namespace

bool holds_every_value(swr_component from, swr_component to) {
  return with_component_type(from, [to]<class From>(From) {
    return with_component_type(to, []<class To>(To) { return holds<From, To>(); });
  });
}

swr_conversion chosen_conversion(const std::optional<swr_conversion>& given, swr_component from,
                                 swr_component to) {
  if (given) return *given;
  const bool widens = from != to && holds_every_value(from, to);
  return widens ? SWR_CONVERSION_EXACT : SWR_CONVERSION_NONE;
}

}  // namespace swr::tool
