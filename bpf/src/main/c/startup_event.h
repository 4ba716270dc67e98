/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What startup.bpf.c reports. Java reads these bytes as they lie here; see StartupEventLayoutTest. */
#ifndef THAW_STARTUP_EVENT_H
#define THAW_STARTUP_EVENT_H

enum startup_event_type {
	STARTUP_EXEC = 1,
	STARTUP_EXIT = 2,
	STARTUP_LISTEN = 3,
	STARTUP_LISTEN_CLOSED = 4,
	STARTUP_RUNTIME_MAIN = 5,
	STARTUP_MAIN_MAIN = 6,
	STARTUP_NET_HTTP_SERVE = 7,
	STARTUP_GRPC_SERVE = 8,
	STARTUP_STOPPED = 9, /* as an exec; the process waits */
};

struct startup_event {
	__u64 at_ns;           /* CLOCK_MONOTONIC */
	__u64 cgroup_id;       /* cgroup2 directory */
	__u64 cgroup_v1_id;    /* directory in the v1 cpu hierarchy, 0 without one */
	__u64 start_boot_ns;   /* when the process began, CLOCK_BOOTTIME */
	__u64 inode;           /* exec, stopped: of the image */
	__u64 socket;          /* listen: identity of the socket */
	__u32 type;
	__u32 pid;
	__u32 parent_pid;
	__u32 device;          /* exec, stopped: of the image */
	__u32 exit_code;       /* exit: as wait(2) encodes it */
	__u16 family;
	__u16 port;
	__u8 address[16];      /* v4 in the first four bytes */
	char path[256];        /* exec, stopped; NUL-terminated */
};
_Static_assert(sizeof(struct startup_event) == 344, "Java reads 344 bytes");

/* Nothing reads it: it brings the layout into the object's BTF, for StartupEventLayoutTest. */
const struct startup_event *startup_event_layout __attribute__((unused));

#endif
