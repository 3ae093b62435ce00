// GET_SURVEY: what the driver knows of each channel.
#include <linux/nl80211.h>

#include "nl80211/context.h"
#include "nl80211/dumps.h"
#include "nl80211/rows.h"

namespace airloom::nl80211 {

namespace {

using cfg80211::SurveyInfo;
using netlink::MessageWriter;

void put_time(MessageWriter& writer, uint16_t type, const std::optional<uint64_t>& ms) {
  if (ms) writer.u64(type, *ms, NL80211_SURVEY_INFO_PAD);
}

void put_survey(MessageWriter& writer, const cfg80211::Wdev& wdev, const SurveyInfo& survey) {
  writer.u32(NL80211_ATTR_IFINDEX, wdev.ifindex());
  const auto nest = writer.nest(NL80211_ATTR_SURVEY_INFO);
  writer.u32(NL80211_SURVEY_INFO_FREQUENCY, survey.mhz);
  if (survey.offset_khz != 0) writer.u32(NL80211_SURVEY_INFO_FREQUENCY_OFFSET, survey.offset_khz);
  if (survey.noise_dbm) writer.s8(NL80211_SURVEY_INFO_NOISE, *survey.noise_dbm);
  writer.flag_if(survey.in_use, NL80211_SURVEY_INFO_IN_USE);
  put_time(writer, NL80211_SURVEY_INFO_TIME, survey.time_ms);
  put_time(writer, NL80211_SURVEY_INFO_TIME_BUSY, survey.time_busy_ms);
  put_time(writer, NL80211_SURVEY_INFO_TIME_EXT_BUSY, survey.time_ext_busy_ms);
  put_time(writer, NL80211_SURVEY_INFO_TIME_RX, survey.time_rx_ms);
  put_time(writer, NL80211_SURVEY_INFO_TIME_TX, survey.time_tx_ms);
  put_time(writer, NL80211_SURVEY_INFO_TIME_SCAN, survey.time_scan_ms);
  put_time(writer, NL80211_SURVEY_INFO_TIME_BSS_RX, survey.time_bss_rx_ms);
}

class SurveyDump final : public WdevDump {
 public:
  using WdevDump::WdevDump;

 protected:
  Result<std::optional<MessageWriter>> next(cfg80211::Wdev& wdev,
                                            const genl::ReplyTo& make) override {
    while (true) {
      const auto survey = wdev.wiphy().ops().dump_survey(wdev, index_++);
      if (!survey && survey.error().code == Errc::kNotFound) return std::nullopt;
      if (!survey) return std::unexpected(survey.error());
      const auto* channel = wdev.wiphy().find_channel(survey->mhz, survey->offset_khz);
      if (channel && channel->disabled) continue;
      MessageWriter message = make.message(NL80211_CMD_NEW_SURVEY_RESULTS);
      put_survey(message, wdev, *survey);
      return message;
    }
  }

 private:
  size_t index_ = 0;
};

Result<std::unique_ptr<genl::Dump>> dump_survey(Context& context) {
  const cfg80211::Wdev* wdev =
      TRY(find_wdev(context.host, context.request.ns, context.attributes()));
  if (!wdev->netdev()) return fail(Errc::kInvalid);
  return std::make_unique<SurveyDump>(context.host, wdev->id());
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_GET_SURVEY, .dump = dump_survey},
};

}  // namespace

std::span<const Row> survey_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
