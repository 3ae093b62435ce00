// ADD_LINK, REMOVE_LINK and the link stations: interfaces with several links. No radio of ours
// makes one yet, and without, these commands are invalid whatever else they say.
// [802.11be 35.3] [nl80211.h NL80211_CMD_ADD_LINK]
#include <linux/nl80211.h>

#include "nl80211/context.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

Result<void> no_multi_link(Context&) {
  return fail(Errc::kInvalid);
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_ADD_LINK, .handle = no_multi_link},
    {.command = NL80211_CMD_REMOVE_LINK, .handle = no_multi_link},
    {.command = NL80211_CMD_ADD_LINK_STA, .handle = no_multi_link},
    {.command = NL80211_CMD_MODIFY_LINK_STA, .handle = no_multi_link},
    {.command = NL80211_CMD_REMOVE_LINK_STA, .handle = no_multi_link},
};

}  // namespace

std::span<const Row> links_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
