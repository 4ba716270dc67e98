/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * The tables of balance.bpf.c, pinned under the policy's folder. Layouts are ABI: whoever changes one raises
 * BALANCE_ABI, and an agent refuses pins of another number. BalanceMapsLayoutTest compares them with Java's.
 *
 * `cookies` is for others to read: while tracing is on it tells which backend a socket was sent to, keyed by SO_COOKIE.
 */
#ifndef THAW_BALANCE_MAPS_H
#define THAW_BALANCE_MAPS_H

#define BALANCE_ABI 2
#define MAX_SERVICES 64
#define MAX_BACKENDS 256

/* IPv4 is kept as ::ffff:a.b.c.d; ports are in network order. */
struct endpoint {
	__u8 address[16];
	__u16 port;
	__u16 pad[3];
};
_Static_assert(sizeof(struct endpoint) == 24, "Java writes 24 bytes");

struct service {
	__u32 id;
	__u32 pass_through; /* on silence */
};
_Static_assert(sizeof(struct service) == 8, "Java writes 8 bytes");

/* One column of Walker's alias table: this backend with probability threshold / 2^32, else column `alias`. */
struct column {
	struct endpoint endpoint;
	__u32 slot;
	__u32 threshold;
	__u32 alias;
	__u32 weight; /* as it was asked for; read back after a restart */
};
_Static_assert(sizeof(struct column) == 40, "Java writes 40 bytes");

struct table {
	__u64 epoch;
	__u32 n;
	__u32 pad;
	struct column columns[MAX_BACKENDS];
};
_Static_assert(sizeof(struct table) == 16 + 40 * MAX_BACKENDS, "Java writes the whole table");

/* Nothing reads it: it brings the layout into the object's BTF, for BalanceMapsLayoutTest. */
const struct table *table_layout __attribute__((unused));

struct pick_key {
	__u32 service;
	__u32 slot;
	__u64 epoch;
};
_Static_assert(sizeof(struct pick_key) == 16, "Java reads 16 bytes");

struct pick_count {
	__u64 picks;
	__u64 connects;
	__u64 failures;
	__u64 first_pick_ns; /* CLOCK_MONOTONIC of this CPU's first pick; 0 before it */
};
_Static_assert(sizeof(struct pick_count) == 32, "Java reads 32 bytes");

struct original {
	struct endpoint endpoint;
	struct pick_key pick;
};
_Static_assert(sizeof(struct original) == 40, "kept per socket");

enum setting {
	SETTING_ABI,
	SETTING_TRACE_COOKIES,
	SETTING_HEARTBEAT_NS, /* CLOCK_MONOTONIC of the agent's last sign of life */
	SETTING_NETNS,        /* listeners of other network namespaces are not ours */
	SETTINGS,
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SETTINGS);
	__type(key, __u32);
	__type(value, __u64);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_SERVICES);
	__type(key, struct endpoint);
	__type(value, struct service);
} services SEC(".maps");

/* A table is written once and then only replaced as a whole, so that no pick sees half of one. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, MAX_SERVICES);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__uint(max_entries, 1);
		__uint(key_size, sizeof(__u32));
		__uint(value_size, sizeof(struct table));
	});
} tables SEC(".maps");

/* How many sockets listen on an endpoint, kept by the kernel side alone: it is right when every agent is dead. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct endpoint);
	__type(value, __s64);
} listeners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct pick_key);
	__type(value, struct pick_count);
} picks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct pick_key);
} cookies SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct original);
} originals SEC(".maps");

#endif
