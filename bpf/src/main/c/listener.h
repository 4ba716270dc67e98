/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What a socket listens on; for programs on inet_sock_set_state. */
#ifndef THAW_LISTENER_H
#define THAW_LISTENER_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define TCP_CLOSE 7
#define TCP_LISTEN 10

/*
 * A listener begins, or ends. A connection's socket begins as a copy of its listener's: LISTEN to SYN_RECV is not the end
 * of a listener.
 */
static __always_inline bool is_listener_change(int old_state, int new_state)
{
	return new_state == TCP_LISTEN || (old_state == TCP_LISTEN && new_state == TCP_CLOSE);
}

/*
 * The port of a socket that listens, or has just ceased to. One that was bound to any free port has lost its number by
 * the time its end is told; the source port, in network order, is still there.
 */
static __always_inline __u16 listener_port(struct sock *sk)
{
	__u16 port = sk->__sk_common.skc_num;

	return port ? port : __builtin_bswap16(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
}

#endif
