// The yardstick of airloom's road from one host to another: two TAPs and a loop that copies frames
// between them, which is the least that a network in userspace can do. With `ccm` each frame is
// sealed and opened once by libcrypto; with `offload` the TAPs hand over unsegmented TCP.
//
// Usage: tap_copier TAP_A TAP_B plain|ccm|offload    prints "ready", copies until it is ended
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace {

constexpr size_t kEthernetHeader = 14;
constexpr int kBurst = 64;

void must(bool ok, const char* what) {
  if (ok) return;
  std::perror(what);
  std::exit(1);
}

int open_tap(const char* name, bool offload) {
  const int fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  must(fd >= 0, "/dev/net/tun");
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | (offload ? IFF_VNET_HDR : 0));
  must(ioctl(fd, TUNSETIFF, &request) == 0, name);
  if (offload) must(ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) == 0, "offload");
  return fd;
}

/// AES-CCM as CCMP uses it, with kept contexts.
class Ccm {
 public:
  void pass(std::span<uint8_t> payload) {
    for (size_t i = nonce_.size(); i-- > 0 && ++nonce_[i] == 0;) {
    }
    std::array<uint8_t, 8> mic{};
    int done = 0;
    EVP_CipherInit_ex(seal_, nullptr, nullptr, nullptr, nonce_.data(), 1);
    run(seal_, payload);
    EVP_CipherFinal_ex(seal_, payload.data(), &done);
    EVP_CIPHER_CTX_ctrl(seal_, EVP_CTRL_AEAD_GET_TAG, mic.size(), mic.data());
    EVP_CIPHER_CTX_ctrl(open_, EVP_CTRL_AEAD_SET_TAG, mic.size(), mic.data());
    EVP_CipherInit_ex(open_, nullptr, nullptr, nullptr, nonce_.data(), 0);
    must(run(open_, payload), "MIC");
  }

 private:
  static EVP_CIPHER_CTX* make(int seal) {
    static constexpr std::array<uint8_t, 16> kKey{1, 2, 3};
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex(context, EVP_aes_128_ccm(), nullptr, nullptr, nullptr, seal);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, 13, nullptr);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 8, nullptr);
    EVP_CipherInit_ex(context, nullptr, nullptr, kKey.data(), nullptr, seal);
    return context;
  }
  bool run(EVP_CIPHER_CTX* context, std::span<uint8_t> payload) {
    int done = 0;
    const int size = static_cast<int>(payload.size());
    EVP_CipherUpdate(context, nullptr, &done, nullptr, size);
    EVP_CipherUpdate(context, nullptr, &done, aad_.data(), static_cast<int>(aad_.size()));
    return EVP_CipherUpdate(context, payload.data(), &done, payload.data(), size) == 1;
  }

  EVP_CIPHER_CTX* seal_ = make(1);
  EVP_CIPHER_CTX* open_ = make(0);
  std::array<uint8_t, 13> nonce_{};
  std::array<uint8_t, 24> aad_{0x88, 0x42};
};

void copy_burst(int from, int to, Ccm* ccm, std::vector<uint8_t>& buffer) {
  for (int i = 0; i < kBurst; ++i) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got <= 0) return;
    const auto size = static_cast<size_t>(got);
    if (ccm != nullptr)
      ccm->pass(std::span(buffer).subspan(kEthernetHeader, size - kEthernetHeader));
    [[maybe_unused]] const ssize_t written = ::write(to, buffer.data(), size);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fputs("tap_copier TAP_A TAP_B plain|ccm|offload\n", stderr), 2;
  const std::string_view mode = argv[3];
  const int a = open_tap(argv[1], mode == "offload");
  const int b = open_tap(argv[2], mode == "offload");
  std::puts("ready");
  std::fflush(stdout);
  Ccm ccm;
  std::vector<uint8_t> buffer(70'000);
  std::array<pollfd, 2> ends{{{a, POLLIN, 0}, {b, POLLIN, 0}}};
  while (poll(ends.data(), ends.size(), -1) >= 0) {
    if (ends[0].revents & POLLIN) copy_burst(a, b, mode == "ccm" ? &ccm : nullptr, buffer);
    if (ends[1].revents & POLLIN) copy_burst(b, a, mode == "ccm" ? &ccm : nullptr, buffer);
  }
  return 1;
}
