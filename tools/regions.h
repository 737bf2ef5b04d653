// Arithmetic of boxes of pixels for the commands.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "swr/swr.h"

namespace swr::tool {

// The product of the sizes; fails with SWR_ERROR_REGION on overflow.
int64_t pixel_count(const swr_region& region);
bool contains(const swr_region& outer, const swr_region& inner);
// The smallest box that holds both; fails with SWR_ERROR_REGION if its size overflows.
swr_region enclosing(const swr_region& a, const swr_region& b);
// The first numbers of `values`, such as "512 x 512 x 200" with " x " between them.
std::string list_text(const int64_t* values, int count, const char* between);
// Such as "0,0,10:512,512,5": as the command line takes it.
std::string region_text(const swr_region& region);
// Calls visit(part) for parts of `region` that cover it, in file order, each of at most `pixels`
// pixels.
void for_each_part(const swr_region& region, int64_t pixels,
                   const std::function<void(const swr_region&)>& visit);

}  // namespace swr::tool
