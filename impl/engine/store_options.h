// What the stores of a write are given: its settings, its figures, and its threads.
#pragma once

#include "engine/settings.h"
#include "engine/statistics.h"
#include "engine/write_plan.h"
#include "stores/pixels.h"

namespace swr {

// `layout`: that of the pixels that are stored. The arguments must outlive the options.
WriteOptions store_options(const WritePlan& plan, const Layout& layout, const Settings& settings,
                           Statistics& statistics);

}  // namespace swr
