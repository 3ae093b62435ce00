// Elements as they lie in a frame: id, length, body, one after another. This is the generic part:
// walking, finding and writing them, well formed or not; typed elements are in *_element(s).h.
// A typed element's parse() and emit() deal with its body alone, without id, length, extension
// id, or vendor OUI and type; emit_element() writes the whole. Unknown elements stay octets.
// [802.11-2020 9.4.2.1]
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "bytes/reader.h"
#include "bytes/writer.h"

namespace airloom::ieee80211 {

/// [802.11-2020 Table 9-92]
enum class ElementId : uint8_t {
  kSsid = 0,
  kSupportedRates = 1,
  kDsParameterSet = 3,
  kTim = 5,
  kIbssParameterSet = 6,
  kCountry = 7,
  kRequest = 10,
  kBssLoad = 11,
  kEdcaParameterSet = 12,
  kChallengeText = 16,
  kPowerConstraint = 32,
  kPowerCapability = 33,
  kTpcRequest = 34,
  kTpcReport = 35,
  kSupportedChannels = 36,
  kChannelSwitchAnnouncement = 37,
  kQuiet = 40,
  kErp = 42,
  kHtCapabilities = 45,
  kQosCapability = 46,
  kRsn = 48,
  kExtendedSupportedRates = 50,
  kNeighborReport = 52,
  kMobilityDomain = 54,
  kFastBssTransition = 55,
  kTimeoutInterval = 56,
  kSupportedOperatingClasses = 59,
  kExtendedChannelSwitchAnnouncement = 60,
  kHtOperation = 61,
  kSecondaryChannelOffset = 62,
  kWapi = 68,
  kRmEnabledCapabilities = 70,
  kMultipleBssid = 71,
  kCoexistence2040 = 72,
  kOverlappingBssScanParameters = 74,
  kManagementMic = 76,
  kNontransmittedBssidCapability = 83,
  kMultipleBssidIndex = 85,
  kBssMaxIdlePeriod = 90,
  kChannelSwitchWrapper = 196,
  kInterworking = 107,
  kMeshConfiguration = 113,
  kMeshId = 114,
  kExtendedCapabilities = 127,
  kVhtCapabilities = 191,
  kVhtOperation = 192,
  kWideBandwidthChannelSwitch = 194,
  kTransmitPowerEnvelope = 195,
  kOperatingModeNotification = 199,
  kReducedNeighborReport = 201,
  kVendorSpecific = 221,
  kFragment = 242,
  kRsnExtension = 244,
  kExtension = 255,
};

/// The Element ID Extension of elements with id 255.
enum class ElementExtensionId : uint8_t {
  kOweDhParameter = 32,
  kPasswordIdentifier = 33,
  kHeCapabilities = 35,
  kHeOperation = 36,
  kMuEdcaParameterSet = 38,
  kSpatialReuse = 39,
  kNonInheritance = 56,
  kHe6GhzBandCapabilities = 59,
  kRejectedGroups = 92,
  kAntiCloggingToken = 93,
  kEhtOperation = 106,
  kMultiLink = 107,
  kEhtCapabilities = 108,
};

/// A vendor element's OUI and type as one number: 00:50:f2 type 2 is 0x0050f202.
using VendorType = uint32_t;
constexpr VendorType kVendorMicrosoftWpa = 0x0050f201;
constexpr VendorType kVendorMicrosoftWmm = 0x0050f202;
constexpr VendorType kVendorMicrosoftWps = 0x0050f204;
constexpr VendorType kVendorWfaP2p = 0x506f9a09;

/// One element in place. The octets belong to whoever owns the frame.
struct ElementView {
  uint8_t id = 0;
  uint8_t extension_id = 0;       // meaningful when id is 255; 0 if such an element is empty
  std::span<const uint8_t> body;  // after id and length, and after the extension id if there is one
  std::span<const uint8_t> whole;  // with its header

  bool is(ElementId wanted) const { return id == static_cast<uint8_t>(wanted); }
  bool is(ElementExtensionId wanted) const {
    return is(ElementId::kExtension) && extension_id == static_cast<uint8_t>(wanted);
  }
  /// OUI and type, if it is a vendor element that has both.
  std::optional<VendorType> vendor_type() const;
};

/// The elements of a span, to walk in a for loop. The walk ends before an element that claims more
/// octets than there are; is_well_formed() tells whether it reaches the end.
class ElementRange {
 public:
  explicit ElementRange(std::span<const uint8_t> octets) : octets_(octets) {}

  struct End {};
  class Iterator {
   public:
    explicit Iterator(std::span<const uint8_t> rest) : rest_(rest) { load(); }
    const ElementView& operator*() const { return current_; }
    const ElementView* operator->() const { return &current_; }
    Iterator& operator++() {
      rest_ = rest_.subspan(current_.whole.size());
      load();
      return *this;
    }
    friend bool operator==(const Iterator& it, End) { return it.current_.whole.empty(); }
    std::span<const uint8_t> rest() const { return rest_; }

   private:
    void load();
    std::span<const uint8_t> rest_;
    ElementView current_;
  };

  Iterator begin() const { return Iterator(octets_); }
  End end() const { return {}; }
  bool is_well_formed() const;

 private:
  std::span<const uint8_t> octets_;
};

/// All elements, in order.
/// @error kMalformed  octets are left over
Result<std::vector<ElementView>> parse_elements(std::span<const uint8_t> octets);

/// The first such element of the well-formed front part of `octets`.
std::optional<ElementView> find_element(std::span<const uint8_t> octets, ElementId id);
std::optional<ElementView> find_element(std::span<const uint8_t> octets, ElementExtensionId id);
/// The same for vendor elements; `body` still starts with OUI and type.
std::optional<ElementView> find_vendor_element(std::span<const uint8_t> octets, VendorType type);

/// Writes a whole element; `body` must fit 255 octets (254 with an extension id).
void emit_element(Writer& writer, ElementId id, std::span<const uint8_t> body);
void emit_element(Writer& writer, ElementExtensionId id, std::span<const uint8_t> body);

template <typename T>
concept PlainElement = requires {
  { T::kId } -> std::convertible_to<ElementId>;
};
template <typename T>
concept ExtensionElement = requires {
  { T::kExtensionId } -> std::convertible_to<ElementExtensionId>;
};
template <typename T>
concept VendorElement = requires {
  { T::kVendorType } -> std::convertible_to<VendorType>;
};
template <typename T>
concept TypedElement = (PlainElement<T> || ExtensionElement<T> ||
                        VendorElement<T>)&&requires(const T& value, Writer& writer) {
  { T::parse(Reader{}) } -> std::same_as<Result<T>>;
  value.emit(writer);
};

/// Writes a typed element, header and body.
template <TypedElement T>
void emit_element(Writer& writer, const T& value) {
  if constexpr (PlainElement<T>) {
    writer.u8(static_cast<uint8_t>(T::kId));
  } else {
    writer.u8(static_cast<uint8_t>(ExtensionElement<T> ? ElementId::kExtension
                                                       : ElementId::kVendorSpecific));
  }
  auto length = writer.length8();
  if constexpr (ExtensionElement<T>) writer.u8(static_cast<uint8_t>(T::kExtensionId));
  if constexpr (VendorElement<T>) writer.be32(T::kVendorType);
  value.emit(writer);
}

/// Whether `view` is the element that T describes (its body may still not parse).
template <TypedElement T>
bool is_element(const ElementView& view) {
  if constexpr (PlainElement<T>) return view.is(T::kId);
  if constexpr (ExtensionElement<T>) return view.is(T::kExtensionId);
  if constexpr (VendorElement<T>) return view.vendor_type() == T::kVendorType;
}

/// Parses an element found in a frame as T, given is_element<T>(view).
template <TypedElement T>
Result<T> parse_element(const ElementView& view) {
  return T::parse(Reader(VendorElement<T> ? view.body.subspan(4) : view.body));
}

/// The first element that is a T and parses; malformed ones are passed over.
template <TypedElement T>
std::optional<T> find_element(std::span<const uint8_t> octets) {
  for (const ElementView& view : ElementRange(octets)) {
    if (!is_element<T>(view)) continue;
    if (auto value = parse_element<T>(view)) return *std::move(value);
  }
  return std::nullopt;
}

}  // namespace airloom::ieee80211
