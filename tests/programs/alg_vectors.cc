// AF_ALG against published vectors, and its manners: prints what differs, then "N failed".
// Passes on the kernel's own crypto sockets and, unchanged, where they are served to it.
// Sources: FIPS 180-4 and RFC 1321 ("abc"), RFC 1320 A.5, RFC 2202, RFC 4231, RFC 4493, FIPS 197
// appendix B, NIST SP 800-38A F.2 and F.5, NIST SP 800-67 appendix B.
#include <fcntl.h>
#include <linux/if_alg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace {

using Octets = std::vector<uint8_t>;

int failures = 0;

void expect(bool holds, const std::string& what) {
  if (holds) return;
  ++failures;
  std::printf("%s (errno %d)\n", what.c_str(), errno);
}

Octets unhex(const std::string& text) {
  Octets out;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return out;
}

Octets text(const char* octets) {
  return {octets, octets + std::strlen(octets)};
}

int bind_to(int fd, const char* type, const char* name) {
  sockaddr_alg address{};
  address.salg_family = AF_ALG;
  std::snprintf(reinterpret_cast<char*>(address.salg_type), sizeof address.salg_type, "%s", type);
  std::snprintf(reinterpret_cast<char*>(address.salg_name), sizeof address.salg_name, "%s", name);
  return bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

int set_key(int fd, const Octets& key) {
  return setsockopt(fd, SOL_ALG, ALG_SET_KEY, key.data(), static_cast<socklen_t>(key.size()));
}

/// A bound socket with its key, and one operation accepted from it.
struct Transform {
  Transform(const char* type, const char* name, const Octets& key = {}) {
    socket = ::socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    expect(socket >= 0 && bind_to(socket, type, name) == 0, std::string("bind ") + name);
    if (!key.empty()) expect(set_key(socket, key) == 0, std::string("key of ") + name);
    operation = accept4(socket, nullptr, nullptr, SOCK_CLOEXEC);
    expect(operation >= 0, std::string("accept ") + name);
  }
  ~Transform() {
    close(operation);
    close(socket);
  }
  int socket;
  int operation;
};

Octets receive(int fd, size_t room) {
  Octets out(room);
  const ssize_t got = recv(fd, out.data(), out.size(), 0);
  out.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return out;
}

void send_all(int fd, const Octets& data, int flags) {
  expect(send(fd, data.data(), data.size(), flags) == static_cast<ssize_t>(data.size()), "send");
}

void check_hash(const char* name, const Octets& key, const Octets& message, const char* value) {
  Transform hash("hash", name, key);
  const Octets expected = unhex(value);
  send_all(hash.operation, message, 0);
  expect(receive(hash.operation, expected.size()) == expected, name);
  // In pieces, and through a copy made on the way.
  const size_t half = message.size() / 2;
  send_all(hash.operation, Octets(message.begin(), message.begin() + static_cast<long>(half)),
           MSG_MORE);
  const int copy = accept4(hash.operation, nullptr, nullptr, SOCK_CLOEXEC);
  for (int fd : {hash.operation, copy}) {
    send_all(fd, Octets(message.begin() + static_cast<long>(half), message.end()), MSG_MORE);
    expect(receive(fd, expected.size()) == expected, std::string(name) + " in pieces");
  }
  close(copy);
}

ssize_t send_for(int fd, uint32_t operation, const Octets& iv, const Octets& data, int flags) {
  alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof operation) + CMSG_SPACE(4 + 16)] = {};
  iovec part{const_cast<uint8_t*>(data.data()), data.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(sizeof operation);
  if (!iv.empty()) message.msg_controllen += CMSG_SPACE(4 + iv.size());
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_ALG;
  header->cmsg_type = ALG_SET_OP;
  header->cmsg_len = CMSG_LEN(sizeof operation);
  std::memcpy(CMSG_DATA(header), &operation, sizeof operation);
  if (!iv.empty()) {
    header = CMSG_NXTHDR(&message, header);
    header->cmsg_level = SOL_ALG;
    header->cmsg_type = ALG_SET_IV;
    header->cmsg_len = CMSG_LEN(4 + iv.size());
    const auto size = static_cast<uint32_t>(iv.size());
    std::memcpy(CMSG_DATA(header), &size, sizeof size);
    std::memcpy(CMSG_DATA(header) + 4, iv.data(), iv.size());
  }
  return sendmsg(fd, &message, flags);
}

void check_cipher(const char* name, const char* key, const char* iv, const char* clear,
                  const char* cipher) {
  const Octets plain = unhex(clear), sealed = unhex(cipher), start = unhex(iv);
  Transform transform("skcipher", name, unhex(key));
  const int fd = transform.operation;
  expect(send_for(fd, ALG_OP_ENCRYPT, start, plain, 0) == static_cast<ssize_t>(plain.size()),
         std::string("send to ") + name);
  expect(receive(fd, sealed.size()) == sealed, std::string(name) + " encrypts");
  expect(send_for(fd, ALG_OP_DECRYPT, start, sealed, 0) == static_cast<ssize_t>(sealed.size()),
         std::string("send to ") + name);
  Octets opened(plain.size());
  expect(read(fd, opened.data(), opened.size()) == static_cast<ssize_t>(opened.size()) &&
             opened == plain,
         std::string(name) + " decrypts");
}

void check_chaining() {
  Transform cbc("skcipher", "cbc(aes)", unhex("2b7e151628aed2a6abf7158809cf4f3c"));
  const int fd = cbc.operation;
  send_for(fd, ALG_OP_ENCRYPT, unhex("000102030405060708090a0b0c0d0e0f"),
           unhex("6bc1bee22e409f96e93d7e117393172a"), MSG_MORE);
  expect(receive(fd, 16) == unhex("7649abac8119b246cee98e9b12e9197d"), "the first block");
  send_all(fd, unhex("ae2d8a571e03ac9c9eb76fac45af8e51"), 0);
  expect(receive(fd, 16) == unhex("5086cb9b507219ee95db113a917678b2"), "the block that follows");
}

void check_manners() {
  const int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);
  expect(accept(fd, nullptr, nullptr) < 0 && errno == EINVAL, "accept of an unbound socket");
  expect(bind_to(fd, "hash", "no-such-hash") < 0 && errno == ENOENT, "an unknown name");
  expect(bind_to(fd, "no-type", "sha256") < 0 && errno == ENOENT, "an unknown type");
  expect(bind_to(fd, "skcipher", "ecb(aes)") == 0, "bind");
  expect(set_key(fd, Octets(15)) < 0 && errno == EINVAL, "a key of a wrong size");
  const int keyless = accept(fd, nullptr, nullptr);
  expect(send_for(keyless, ALG_OP_ENCRYPT, {}, Octets(16), 0) < 0 && errno == ENOKEY, "no key");
  close(keyless);
  close(fd);

  Transform hash("hash", "sha256");
  expect(bind_to(hash.socket, "hash", "sha1") < 0 && errno == EBUSY, "bind while it is used");
  send_all(hash.operation, text("abc"), 0);
  const int copy = fcntl(hash.operation, F_DUPFD_CLOEXEC, 0);
  expect(receive(copy, 4) == unhex("ba7816bf"), "a short receive, through a copy");
  close(copy);

  Transform odd("skcipher", "ecb(aes)", Octets(16, 1));
  expect(send_for(odd.operation, ALG_OP_ENCRYPT, {}, Octets(17), 0) == 17, "odd data is taken");
  expect(receive(odd.operation, 32).empty() && errno == EINVAL, "and not enciphered");
  expect(send_for(odd.operation, 7, {}, Octets(16), 0) < 0 && errno == EINVAL, "no operation");
}

void check_children() {
  Transform hash("hash", "sha1");
  send_all(hash.operation, text("a"), MSG_MORE);
  const pid_t child = fork();
  if (child == 0) _exit(send(hash.operation, "bc", 2, 0) == 2 ? 0 : 1);
  int status = 1;
  waitpid(child, &status, 0);
  expect(status == 0, "a child sends");
  expect(receive(hash.operation, 20) == unhex("a9993e364706816aba3e25717850c26c9cd0d89d"),
         "what a child sent counts");
}

void check_hashes() {
  const Octets abc = text("abc");
  check_hash("md5", {}, abc, "900150983cd24fb0d6963f7d28e17f72");
  check_hash("sha1", {}, abc, "a9993e364706816aba3e25717850c26c9cd0d89d");
  check_hash("sha224", {}, abc, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  check_hash("sha256", {}, abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  check_hash("sha512", {}, abc,
             "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
             "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  const Octets question = text("what do ya want for nothing?");
  check_hash("hmac(md5)", text("Jefe"), question, "750c783e6ab0b503eaa86e310a5db738");
  check_hash("hmac(sha1)", text("Jefe"), question, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  check_hash("hmac(sha256)", text("Jefe"), question,
             "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  check_hash("hmac(sha384)", text("Jefe"), question,
             "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
             "8e2240ca5e69e2c78b3239ecfab21649");
  check_hash("cmac(aes)", unhex("2b7e151628aed2a6abf7158809cf4f3c"),
             unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                   "30c81c46a35ce411"),
             "dfa66747de9ae63030ca32611497c827");
}

void check_ciphers() {
  check_cipher("ecb(aes)", "000102030405060708090a0b0c0d0e0f", "",
               "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a");
  check_cipher("cbc(aes)", "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f",
               "6bc1bee22e409f96e93d7e117393172a", "7649abac8119b246cee98e9b12e9197d");
  check_cipher("ctr(aes)", "2b7e151628aed2a6abf7158809cf4f3c", "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
               "6bc1bee22e409f96e93d7e1173", "874d6191b620e3261bef686499");
  check_cipher("ecb(des)", "133457799bbcdff1", "", "0123456789abcdef", "85e813540f0ab405");
  check_cipher("ecb(des3_ede)", "0123456789abcdef23456789abcdef01456789abcdef0123", "",
               "5468652071756663", "a826fd8ce53b855f");
}

}  // namespace

int main(int argc, char**) {
  if (argc > 1) {  // is there anything to test?
    const int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);
    return fd < 0 || bind_to(fd, "hash", "sha256") < 0;
  }
  check_hashes();
  check_ciphers();
  check_chaining();
  check_manners();
  check_children();
  std::printf("%d failed\n", failures);
  return failures ? 1 : 0;
}
