#include "interpose/alg_operation.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace airloom::interpose {
namespace {

using crypto::BlockCipher;
using crypto::BlockCipherKey;
using crypto::BlockMode;
using crypto::DigestAlgorithm;
using crypto::DigestLibrary;
using crypto::RunningDigest;

constexpr std::pair<const char*, DigestAlgorithm> kDigests[] = {
    {"md4", DigestAlgorithm::kMd4},       {"md5", DigestAlgorithm::kMd5},
    {"sha1", DigestAlgorithm::kSha1},     {"sha224", DigestAlgorithm::kSha224},
    {"sha256", DigestAlgorithm::kSha256}, {"sha384", DigestAlgorithm::kSha384},
    {"sha512", DigestAlgorithm::kSha512}};

constexpr std::pair<const char*, AlgCipher> kCiphers[] = {
    {"ecb(aes)", {BlockCipher::kAes, BlockMode::kEcb}},
    {"cbc(aes)", {BlockCipher::kAes, BlockMode::kCbc}},
    {"ctr(aes)", {BlockCipher::kAes, BlockMode::kCtr}},
    {"ecb(des)", {BlockCipher::kDes, BlockMode::kEcb}},
    {"cbc(des)", {BlockCipher::kDes, BlockMode::kCbc}},
    {"ecb(des3_ede)", {BlockCipher::kTripleDes, BlockMode::kEcb}},
    {"cbc(des3_ede)", {BlockCipher::kTripleDes, BlockMode::kCbc}}};

/// [algif_hash.c]: an unfinished message, or the value of a finished one until it is received.
class HashOperation final : public AlgOperation {
 public:
  explicit HashOperation(RunningDigest digest) : digest_(std::move(digest)) {}

  int send(const AlgInput& input) override {
    if (!more_) value_.reset();
    digest_.update(input.data);
    more_ = input.more;
    if (!more_) value_ = digest_.finish();
    return 0;
  }

  Output receive(size_t room) override {
    Octets value = value_ && !more_ ? *std::exchange(value_, std::nullopt) : digest_.finish();
    more_ = false;
    const bool truncated = room < value.size();
    value.resize(std::min(room, value.size()));
    return {0, std::move(value), truncated};
  }

  // Takes over an unfinished message; of a finished one, nothing.
  std::unique_ptr<AlgOperation> clone() const override {
    auto copy = std::make_unique<HashOperation>(digest_);
    copy->more_ = more_;
    return copy;
  }

 private:
  RunningDigest digest_;
  bool more_ = false;
  std::optional<Octets> value_;
};

/// [algif_skcipher.c]: data goes in, and comes out in whole blocks.
class CipherOperation final : public AlgOperation {
 public:
  CipherOperation(const AlgCipher& algorithm, BlockCipherKey key)
      : key_(std::move(key)),
        block_(algorithm.mode == BlockMode::kCtr ? 1 : block_size(algorithm.cipher)),
        iv_(iv_size(algorithm.cipher, algorithm.mode)) {}

  int send(const AlgInput& input) override {
    if (input.iv && input.iv->size() != iv_.size()) return EINVAL;
    if (started_ && !more_ && !waiting_.empty()) return EINVAL;
    started_ = true;
    if (input.encrypt) encrypt_ = *input.encrypt;
    if (input.iv) iv_ = *input.iv;
    waiting_.insert(waiting_.end(), input.data.begin(), input.data.end());
    more_ = input.more;
    return 0;
  }

  // DEVIATES: where the kernel waits for another thread to send more, EAGAIN.
  Output receive(size_t room) override {
    if (!started_ || (more_ && waiting_.size() < block_)) return {EAGAIN, {}, false};
    size_t size = std::min(room, waiting_.size());
    if (more_ || size < waiting_.size()) size -= size % block_;
    Octets out(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(size));
    if (!key_.run(encrypt_, iv_, out)) return {EINVAL, {}, false};
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(size));
    return {0, std::move(out), false};
  }

  std::unique_ptr<AlgOperation> clone() const override { return nullptr; }

 private:
  BlockCipherKey key_;
  size_t block_;
  Octets iv_;
  Octets waiting_;
  bool started_ = false;
  bool encrypt_ = false;
  bool more_ = false;
};

/// What an operation whose transform has no key yet does.
class KeylessOperation final : public AlgOperation {
 public:
  int send(const AlgInput&) override { return ENOKEY; }
  Output receive(size_t) override { return {ENOKEY, {}, false}; }
  std::unique_ptr<AlgOperation> clone() const override {
    return std::make_unique<KeylessOperation>();
  }
};

struct Start {
  using Made = Result<std::unique_ptr<AlgOperation>>;
  const DigestLibrary& library;
  const std::optional<Octets>& key;

  static Made hash(Result<RunningDigest> digest) {
    return std::make_unique<HashOperation>(TRY(std::move(digest)));
  }
  Made operator()(const AlgDigest& a) const { return hash(library.digest(a.algorithm)); }
  Made operator()(const AlgHmac& a) const {
    if (!key) return std::make_unique<KeylessOperation>();
    return hash(library.hmac(a.algorithm, *key));
  }
  Made operator()(const AlgCmac&) const {
    if (!key) return std::make_unique<KeylessOperation>();
    return hash(library.aes_cmac(*key));
  }
  Made operator()(const AlgCipher& a) const {
    if (!key) return std::make_unique<KeylessOperation>();
    return std::make_unique<CipherOperation>(a,
                                             TRY(BlockCipherKey::create(a.cipher, a.mode, *key)));
  }
};

}  // namespace

std::optional<Algorithm> find_algorithm(const DigestLibrary& library, const std::string& type,
                                        const std::string& name) {
  if (type == "skcipher")
    for (const auto& [known, cipher] : kCiphers)
      if (name == known) return cipher;
  if (type != "hash") return std::nullopt;
  if (name == "cmac(aes)") return AlgCmac{};
  for (const auto& [known, digest] : kDigests) {
    const std::string keyed = std::string("hmac(") + known + ")";
    if (name != known && name != keyed) continue;
    if (!library.digest(digest)) return std::nullopt;
    return name == known ? Algorithm(AlgDigest{digest}) : Algorithm(AlgHmac{digest});
  }
  return std::nullopt;
}

Result<std::unique_ptr<AlgOperation>> start_operation(const DigestLibrary& library,
                                                      const Algorithm& algorithm,
                                                      const std::optional<Octets>& key) {
  return std::visit(Start{library, key}, algorithm);
}

int check_key(const DigestLibrary& library, const Algorithm& algorithm, const Octets& key) {
  if (std::holds_alternative<AlgDigest>(algorithm)) return ENOSYS;
  return start_operation(library, algorithm, key) ? 0 : EINVAL;
}

}  // namespace airloom::interpose
