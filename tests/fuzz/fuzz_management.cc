// Bodies of management and control frames. The first octet chooses the body.
#include "ieee80211/action.h"
#include "ieee80211/management.h"
#include "law.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace airloom::ieee80211;
  using namespace airloom::fuzz;
  if (size == 0) return 0;
  const auto body = std::span(data, size).subspan(1);
  switch (data[0] % 12) {
    case 0:
      expect_identity<BeaconBody>(body);
      break;
    case 1:
      expect_identity<ProbeRequestBody>(body);
      break;
    case 2:
      expect_identity<AuthenticationBody>(body);
      break;
    case 3:
      expect_identity<AssociationRequestBody>(body);
      break;
    case 4:
      expect_identity<ReassociationRequestBody>(body);
      break;
    case 5:
      expect_identity<AssociationResponseBody>(body);
      break;
    case 6:
      expect_identity<DeauthenticationBody>(body);
      break;
    case 7:
      expect_round_trip<SaQuery>(body);
      break;
    case 8:
      expect_identity<AddbaRequest>(body);
      break;
    case 9:
      expect_identity<AddbaResponse>(body);
      break;
    case 10:
      expect_round_trip<Delba>(body);
      break;
    case 11:
      expect_round_trip<BlockAckRequestBody>(body);
      expect_round_trip<BlockAckBody>(body);
      break;
  }
  return 0;
}
