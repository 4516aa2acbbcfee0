#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "async/event_loop.h"
#include "base/ids.h"
#include "net/http_client.h"
#include "net/http_server.h"

namespace weir::net {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// A certificate of 127.0.0.1, signed by itself, and its key.
class Certificate {
 public:
  Certificate() {
    fs::create_directories(directory_);
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, key);
    X509_NAME* name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(x509, key, EVP_sha256());
    write(certificate(), [&](FILE* file) { PEM_write_X509(file, x509); });
    write(this->key(), [&](FILE* file) {
      PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    X509_free(x509);
    EVP_PKEY_free(key);
  }
  ~Certificate() { fs::remove_all(directory_); }

  std::string certificate() const { return (directory_ / "certificate.pem").string(); }
  std::string key() const { return (directory_ / "key.pem").string(); }

 private:
  static void write(const std::string& path, const std::function<void(FILE*)>& how) {
    FILE* file = std::fopen(path.c_str(), "w");
    how(file);
    std::fclose(file);
  }
  fs::path directory_ = fs::temp_directory_path() / ("weir-tls-" + system_ids().uuid());
};

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Passes one connection on. What the client sends after its first message is held back until
// `hold` bytes are there, so that the handshake's end and the request arrive in one piece.
class Relay {
 public:
  Relay(int target, std::size_t hold) : target_(target), hold_(hold) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 1);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Relay() {
    ::shutdown(listener_, SHUT_RDWR);  // ends an accept that still waits
    thread_.join();
    ::close(listener_);
  }
  int port() const { return port_; }

 private:
  void run() {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(target_);
    ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    std::string held;
    bool hello = true;
    bool held_enough = false;
    char buffer[16384];
    while (true) {
      pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      ::poll(both, 2, -1);
      if (both[1].revents != 0) {
        const ssize_t got = ::read(server, buffer, sizeof buffer);
        if (got <= 0 || ::write(client, buffer, static_cast<std::size_t>(got)) < 0) break;
      }
      if (both[0].revents != 0) {
        const ssize_t got = ::read(client, buffer, sizeof buffer);
        if (got <= 0) break;
        held.append(buffer, static_cast<std::size_t>(got));
        held_enough = held_enough || held.size() >= hold_;
        if (!hello && !held_enough) continue;
        hello = false;
        if (::write(server, held.data(), held.size()) < 0) break;
        held.clear();
      }
    }
    ::close(client);
    ::close(server);
  }

  int target_;
  std::size_t hold_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

Task<Response> answer(Request& request) {
  Response response;
  response.body = request.method + " " + request.target;
  co_return response;
}

TEST(Tls, AnswersAndReusesTheConnection) {
  const Certificate certificate;
  run_blocking([&certificate](Environment env) -> Task<void> {
    return [](Environment e, const Certificate& c) -> Task<void> {
      ServerOptions options;
      options.certificate_file = c.certificate();
      options.key_file = c.key();
      HttpServer server(e, options, answer);
      EXPECT_TRUE(server.start());
      const std::string url = "https://127.0.0.1:" + std::to_string(server.port());
      ClientOptions trusting;
      trusting.ca_file = c.certificate();
      HttpClient client(e, trusting);
      for (int i = 0; i < 20; ++i) {
        ClientRequest request{"POST", url + "/a", {}, std::string(100'000, 'x'), {}, 0};
        const auto response = co_await client.send(std::move(request), e.now() + 20s);
        EXPECT_TRUE(response) << to_string(response.error());
        if (!response) break;
        EXPECT_EQ(response->body, "POST /a");
      }
      HttpClient stranger(e);
      ClientRequest request;
      request.url = url;
      EXPECT_EQ((co_await stranger.send(request, e.now() + 20s)).error().reason, "TlsFailed");
      co_await server.stop();
    }(env, certificate);
  });
}

TEST(Tls, ARequestThatArrivesWithTheHandshakesEndIsSeen) {
  const Certificate certificate;
  run_blocking([&certificate](Environment env) -> Task<void> {
    return [](Environment e, const Certificate& c) -> Task<void> {
      ServerOptions options;
      options.certificate_file = c.certificate();
      options.key_file = c.key();
      HttpServer server(e, options, answer);
      EXPECT_TRUE(server.start());
      {
        const Relay relay(server.port(), 4096);
        ClientOptions trusting;
        trusting.ca_file = c.certificate();
        HttpClient client(e, trusting);
        ClientRequest request;
        request.url = "https://127.0.0.1:" + std::to_string(relay.port()) + "/b";
        request.headers.set("X-Long", std::string(5000, 'x'));
        request.headers.set("Connection", "close");
        const auto response = co_await client.send(std::move(request), e.now() + 20s);
        EXPECT_TRUE(response) << to_string(response.error());
        if (response) EXPECT_EQ(response->body, "GET /b");
        co_await server.stop();
      }
    }(env, certificate);
  });
}

}  // namespace
}  // namespace weir::net
