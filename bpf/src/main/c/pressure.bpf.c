// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Counts signs of a machine under pressure: TCP segments sent again, and how long block devices take. Needs Linux 5.8
 * with BTF; counts per group need 5.15. Runs per loss and per block request, never per user request.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "pressure_maps.h"

extern unsigned int LINUX_KERNEL_VERSION __kconfig;

char LICENSE[] SEC("license") = "GPL";

/* The group of the socket, not of the current task: losses are found in timers and softirqs. */
SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(on_retransmit, const struct sock *sk)
{
	__u32 zero = 0;
	__u64 *all = bpf_map_lookup_elem(&node_retransmits, &zero);

	if (all)
		__sync_fetch_and_add(all, 1);
	if (!bpf_core_field_exists(((struct sock_cgroup_data *)0)->cgroup))
		return 0;
	__u64 group = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id);
	__u64 *count = bpf_map_lookup_elem(&group_retransmits, &group);

	if (count) {
		__sync_fetch_and_add(count, 1);
		return 0;
	}
	__u64 one = 1;

	bpf_map_update_elem(&group_retransmits, &group, &one, BPF_ANY);
	return 0;
}

SEC("tp_btf/block_rq_issue")
int on_block_issue(__u64 *arguments)
{
	__u64 key;
	__u64 now = bpf_ktime_get_ns();

	if (LINUX_KERNEL_VERSION < KERNEL_VERSION(5, 11, 0)) { /* the queue came first */
		key = arguments[1];
		asm volatile("" : "+r"(key)); /* else the compiler would choose between addresses, which the verifier refuses */
	} else {
		key = arguments[0];
	}

	bpf_map_update_elem(&issued, &key, &now, BPF_ANY);
	return 0;
}

static __always_inline __u32 log2_of(__u64 value)
{
	__u32 slot = 0;

	for (int shift = 16; shift > 0; shift >>= 1) {
		if (value >> shift) {
			value >>= shift;
			slot += shift;
		}
	}
	return slot;
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(on_block_complete, struct request *request)
{
	__u64 key = (__u64)request;
	__u64 *began = bpf_map_lookup_elem(&issued, &key);
	__u32 zero = 0;
	struct block_latency *latency = bpf_map_lookup_elem(&block_latencies, &zero);

	if (!began || !latency)
		return 0;
	__u64 micros = (bpf_ktime_get_ns() - *began) / 1000;
	__u32 slot = micros >> 32 ? LATENCY_SLOTS - 1 : log2_of(micros);

	__sync_fetch_and_add(&latency->slots[slot & (LATENCY_SLOTS - 1)], 1);
	bpf_map_delete_elem(&issued, &key);
	return 0;
}
