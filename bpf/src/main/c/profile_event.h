/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What profile.bpf.c reports. Java reads these bytes as they lie here: ProfileEvents. */
#ifndef THAW_PROFILE_EVENT_H
#define THAW_PROFILE_EVENT_H

#define PROFILE_USER_FRAMES 100
#define PROFILE_KERNEL_FRAMES 27

enum profile_event_type {
	PROFILE_EXEC = 1,
	PROFILE_EXIT = 2,
	PROFILE_LISTEN = 3,
	PROFILE_STEP = 4,
	PROFILE_SAMPLE = 5,
	PROFILE_OFF_CPU = 6,
};

struct profile_event {
	__u64 at_ns; /* CLOCK_MONOTONIC */
	__u32 type;
	__u32 pid;
	__u32 tid;
	__u32 extra; /* exit: code as wait(2) encodes it; listen: family << 16 | port; sample: 1 for a page fault's; off cpu: bytes of kernel frames */
	__u64 first; /* listen: address, with second; step: which one; off cpu: since when; sample: bytes of user frames */
	__u64 second; /* step: argument; off cpu: since when it could have run; sample: bytes of kernel frames */
};
_Static_assert(sizeof(struct profile_event) == 40, "Java reads 40 bytes");

struct profile_exec {
	struct profile_event event;
	char path[256]; /* NUL-terminated */
};
_Static_assert(sizeof(struct profile_exec) == 296, "Java reads 296 bytes");

struct profile_step {
	struct profile_event event;
	__u64 place; /* address of the step's first instruction in this process */
};
_Static_assert(sizeof(struct profile_step) == 48, "Java reads 48 bytes");

/* Of a thread that had been asleep, where in the kernel it was. */
struct profile_off_cpu {
	struct profile_event event;
	__u64 kernel[PROFILE_KERNEL_FRAMES];
};
_Static_assert(sizeof(struct profile_off_cpu) == 256, "Java reads 256 bytes");

struct profile_sample {
	struct profile_event event;
	__u64 user[PROFILE_USER_FRAMES]; /* innermost first */
	__u64 kernel[PROFILE_KERNEL_FRAMES];
};
_Static_assert(sizeof(struct profile_sample) == 1056, "Java reads 1056 bytes");

#endif
