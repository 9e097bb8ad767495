// SPDX-License-Identifier: MIT
// A local socket whose messages carry text and open files, between forked.cpp and fork_server.cpp.
#pragma once
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace tropism::test {

using StandardFiles = std::array<int, 3>;  // input, output, error

struct Message {
  std::string text;  // empty where the other side has ended
  StandardFiles files{-1, -1, -1};
};

inline int checked(int result, const char* call) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), call);
  return result;
}

inline int new_socket() {
  return checked(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "socket");
}

inline sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

/// The parts of a message that sendmsg and recvmsg want to be pointed to.
struct Parts {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(StandardFiles))> control{};
  iovec text{};
  msghdr header{};

  Parts(char* begin, size_t bytes, bool with_files) : text{begin, bytes} {
    header.msg_iov = &text;
    header.msg_iovlen = 1;
    header.msg_control = with_files ? control.data() : nullptr;
    header.msg_controllen = with_files ? control.size() : 0;
  }
};

inline void send(int socket, Message message, bool with_files = false) {
  Parts parts(message.text.data(), message.text.size(), with_files);
  if (auto* files = CMSG_FIRSTHDR(&parts.header)) {
    *files = {CMSG_LEN(sizeof message.files), SOL_SOCKET, SCM_RIGHTS};
    std::memcpy(CMSG_DATA(files), message.files.data(), sizeof message.files);
  }
  checked(static_cast<int>(sendmsg(socket, &parts.header, MSG_NOSIGNAL)), "sendmsg");
}

inline Message receive(int socket) {
  Message message{std::string(1 << 18, '\0'), {-1, -1, -1}};
  Parts parts(message.text.data(), message.text.size(), true);
  ssize_t bytes = 0;
  do bytes = recvmsg(socket, &parts.header, 0);
  while (bytes < 0 && errno == EINTR);
  message.text.resize(static_cast<size_t>(bytes < 0 ? 0 : bytes));
  if (auto* files = CMSG_FIRSTHDR(&parts.header))
    std::memcpy(message.files.data(), CMSG_DATA(files), sizeof message.files);
  return message;
}

}  // namespace tropism::test
