/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* What the programs on a start share: who is watched, the ring they report to, and whose event it is. */
#ifndef THAW_STARTUP_MAPS_H
#define THAW_STARTUP_MAPS_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "cgroup_id.h"
#include "startup_event.h"
#include "startup_state.h"

/* The two cgroup hierarchies number their directories independently of each other. */
struct watched_key {
	__u64 cgroup_id;
	__u64 hierarchy; /* 2: cgroup2, 1: v1 cpu */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct watched_key);
	__type(value, __u32);
} watched SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} startup_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} startup_lost SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct startup_header);
} startup_header SEC(".maps");

/* The process that runs now, if it is watched. */
struct process {
	struct task_struct *task;
	__u64 at_ns;
	__u64 cgroup_id;
	__u64 cgroup_v1_id;
	__u64 start_boot_ns;
	__u32 pid;
};

static __always_inline void count_lost(void)
{
	__u32 zero = 0;
	__u64 *lost = bpf_map_lookup_elem(&startup_lost, &zero);

	if (lost)
		__sync_fetch_and_add(lost, 1);
}

static __always_inline bool is_watched(__u64 v2, __u64 v1)
{
	struct watched_key key = { .cgroup_id = v2, .hierarchy = 2 };

	if (bpf_map_lookup_elem(&watched, &key))
		return true;
	key.cgroup_id = v1;
	key.hierarchy = 1;
	return v1 && bpf_map_lookup_elem(&watched, &key);
}

static __always_inline bool look(struct process *process)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	process->task = task;
	process->cgroup_id = bpf_get_current_cgroup_id();
	process->cgroup_v1_id = v1_cgroup_id(task);
	if (!is_watched(process->cgroup_id, process->cgroup_v1_id))
		return false;
	process->at_ns = bpf_ktime_get_ns();
	process->pid = bpf_get_current_pid_tgid() >> 32;
	process->start_boot_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	return true;
}

/* A reserved and filled event, or 0 when the ring is full. */
static __always_inline struct startup_event *begin(struct process *process, __u32 type)
{
	struct startup_event *event = bpf_ringbuf_reserve(&startup_events, sizeof(*event), 0);
	struct task_struct *task = process->task;

	if (!event) {
		count_lost();
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->at_ns = process->at_ns;
	event->cgroup_id = process->cgroup_id;
	event->cgroup_v1_id = process->cgroup_v1_id;
	event->type = type;
	event->pid = process->pid;
	event->parent_pid = BPF_CORE_READ(task, real_parent, tgid);
	event->start_boot_ns = process->start_boot_ns;
	return event;
}

struct image {
	__u64 inode;
	__u32 device;
};

static __always_inline void image_of(struct file *file, struct image *image)
{
	image->inode = BPF_CORE_READ(file, f_inode, i_ino);
	image->device = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
}

static long mapped_image(struct task_struct *task, struct vm_area_struct *vma, struct image *image)
{
	image_of(BPF_CORE_READ(vma, vm_file), image);
	return 0;
}

#endif
