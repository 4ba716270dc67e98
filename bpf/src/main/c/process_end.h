/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* When a process ends: with its last thread, which need not be its first. For programs on sched_process_exit. */
#ifndef THAW_PROCESS_END_H
#define THAW_PROCESS_END_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define EEXIST 17
#define SIGNAL_GROUP_EXIT 4

struct ended_key {
	__u64 start_boot_ns;
	__u64 pid;
};

/* Two threads that end together may both find nobody left: the first of them counts. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct ended_key);
	__type(value, __u32);
} ended SEC(".maps");

static __always_inline bool nobody_left(struct task_struct *task)
{
	return !BPF_CORE_READ(task, signal, live.counter);
}

/* Of the threads that find nobody left; asked of processes that matter only, for it is remembered. */
static __always_inline bool ends_first(struct task_struct *task)
{
	struct ended_key key = {
		.start_boot_ns = BPF_CORE_READ(task, group_leader, start_boottime),
		.pid = task->tgid,
	};
	__u32 yes = 1;

	return bpf_map_update_elem(&ended, &key, &yes, BPF_NOEXIST) != -EEXIST;
}

/* As wait(2) will tell it of the whole process. */
static __always_inline __u32 exit_code(struct task_struct *task)
{
	return BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT ?
		       BPF_CORE_READ(task, signal, group_exit_code) :
		       BPF_CORE_READ(task, group_leader, exit_code);
}

#endif
