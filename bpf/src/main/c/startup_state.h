/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/*
 * The pinned map startup_state: how far each watched process has come, for anybody to read (bpf_obj_get) without us.
 * Described in docs/reference/startup-state.md; a change of meaning or size raises STARTUP_ABI.
 */
#ifndef THAW_STARTUP_STATE_H
#define THAW_STARTUP_STATE_H

#define STARTUP_ABI 2

enum startup_flags {
	STARTUP_EXITED = 1,
};

/* Element 0 of the array startup_header. */
struct startup_header {
	__u32 abi;              /* STARTUP_ABI */
	__u32 key_size;
	__u32 value_size;
	__u32 capacity;         /* rows; the longest unused gives way */
	__u64 agent_seen_ns;    /* CLOCK_MONOTONIC: when the agent last said that it lives; 0 never */
	__u32 agent_pid;        /* 0: none lives */
	__u32 reserved;
};
_Static_assert(sizeof(struct startup_header) == 32, "readers know this size");

struct startup_key {
	__u64 start_boot_ns;    /* when the process began, CLOCK_BOOTTIME */
	__u32 pid;
	__u32 reserved;
};
_Static_assert(sizeof(struct startup_key) == 16, "readers know this size");

/* Times are CLOCK_MONOTONIC nanoseconds of the first time something was seen; 0: not yet, or missed. */
struct startup_state {
	__u64 cgroup_id;        /* cgroup2 directory */
	__u64 cgroup_v1_id;     /* directory in the v1 cpu hierarchy, 0 without one */
	__u64 image_inode;      /* of the present image's real file */
	__u32 image_device;     /* as the kernel keeps it: major << 20 | minor */
	__u32 flags;            /* enum startup_flags */
	__u32 execs;
	__u32 listeners;        /* open now */
	__u16 family;           /* of the last listener opened: 2 or 10 */
	__u16 port;
	__u32 reserved;
	__u8 address[16];       /* v4 in the first four bytes */
	__u64 exec_ns;          /* the last exec before it listened; what follows counts from there */
	__u64 runtime_main_ns;
	__u64 main_main_ns;
	__u64 net_http_serve_ns;
	__u64 grpc_serve_ns;
	__u64 listen_ns;        /* of the first listener, whose address is gone once there is another */
	__u64 listen_closed_ns; /* the last time a listener went */
	__u64 exit_ns;
};
_Static_assert(sizeof(struct startup_state) == 128, "readers know this size");

#endif
