/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What pressure.bpf.c counts. Nothing is pinned: the counts are of the agent's own lifetime. */
#ifndef THAW_PRESSURE_MAPS_H
#define THAW_PRESSURE_MAPS_H

#define LATENCY_SLOTS 32

/* Block requests by how long the device took: slot n holds 2^n microseconds up to 2^(n+1). */
struct block_latency {
	__u64 slots[LATENCY_SLOTS];
};
_Static_assert(sizeof(struct block_latency) == 8 * LATENCY_SLOTS, "Java reads the whole");

/* Segments sent again, by the cgroup2 group of their socket. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u64);
} group_retransmits SEC(".maps");

/* Of all sockets, also those whose group was forgotten. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} node_retransmits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct block_latency);
} block_latencies SEC(".maps");

/* When a request was handed to its device; one that never ends is forgotten in time. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u64);
} issued SEC(".maps");

#endif
