// What the parts of the suite share: checks, requests of nlctrl and their answers.
#pragma once

#include <cerrno>

#include "../netlink_message.h"

extern int failures;
extern const char* family;  // what is asked for

void check(bool holds, const char* what, const char* file, int line);
#define CHECK(cond) check((cond), #cond, __FILE_NAME__, __LINE__)
#define CHECK_ERROR(call, error)                                                   \
  do {                                                                             \
    errno = 0;                                                                     \
    const auto value_ = (call);                                                    \
    check(value_ < 0, #call " fails", __FILE_NAME__, __LINE__);                    \
    check(errno == (error), #call " fails with " #error, __FILE_NAME__, __LINE__); \
  } while (0)

/// A CTRL_CMD_GETFAMILY request for `name` (none: for all).
Octets get_family(const char* name, uint32_t sequence, uint16_t flags = NLM_F_ACK);
/// The error in an NLMSG_ERROR.
int error_in(const unsigned char* octets);

int open_socket(int flags = 0);
sockaddr_nl kernel_address();
sockaddr* generic(sockaddr_nl& address);
int int_option(int fd, int level, int name);
bool set_option(int fd, int level, int name, int value);

bool send_all(int fd, const Octets& request);
bool ask(int fd, uint32_t sequence);
/// Takes the reply and the ACK to `sequence`.
bool answered(int fd, uint32_t sequence);
bool is_empty(int fd);

// The parts, by subject.
void check_creation();
void check_names();
void check_autobinding();
void check_groups();
void check_request();
void check_truncation();
void check_bad_pointers();
void check_other_calls();
void check_many_parts();
void check_errors();
void check_dump();
void check_options();
void check_control_messages();
void check_capped_acks();
void check_extended_acks();
void check_overruns();
void check_blocking();
void check_threads_and_restart();
void check_signal_storm();
void check_copies();
void check_exec();
void check_waiting();
