// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Stops a watched process at the exec of an image that nobody has looked at yet, so that marks are on it before its
 * first instruction. Loaded only when asked for. Needs Linux 6.13.
 *
 * Nobody is left stopped. A process is stopped only while an agent has lately said that it lives; and before it is, a
 * timer of the kernel's own is set that lets it go on, whatever becomes of the agent. Program, timers and maps are
 * pinned: they outlive it.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "startup_maps.h"

char LICENSE[] SEC("license") = "GPL";

#define SIGCONT 18
#define SIGSTOP 19
#define CLOCK_MONOTONIC 1

/* An agent speaks each 100 ms. */
#define AGENT_LIVES_NS 500000000ULL
/* Marks take 5 to 20 ms. */
#define LONGEST_STOP_NS 250000000ULL

extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern int bpf_send_signal_task(struct task_struct *task, int sig, enum pid_type type, __u64 value) __ksym;

struct image_key {
	__u64 inode;
	__u64 device;
};

/* Images that were looked at. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct image_key);
	__type(value, __u64);
} stop_known SEC(".maps");

struct guard {
	struct bpf_timer timer;
	__u64 stopped_ns;
};

/* Processes that wait. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct startup_key);
	__type(value, struct guard);
} stopped SEC(".maps");

static int go_on(void *map, struct startup_key *key, struct guard *guard)
{
	struct task_struct *task = bpf_task_from_pid(key->pid);

	if (task) {
		if (task->start_boottime == key->start_boot_ns)
			bpf_send_signal_task(task, SIGCONT, PIDTYPE_TGID, 0);
		bpf_task_release(task);
	}
	bpf_map_delete_elem(map, key);
	return 0;
}

static __always_inline bool agent_lives(__u64 now)
{
	__u32 zero = 0;
	struct startup_header *header = bpf_map_lookup_elem(&startup_header, &zero);

	return header && header->agent_seen_ns && now - header->agent_seen_ns < AGENT_LIVES_NS;
}

/* Whether a timer now runs that will let the process go on. */
static __always_inline bool guarded(struct process *process)
{
	struct startup_key key = { .start_boot_ns = process->start_boot_ns, .pid = process->pid };
	struct guard fresh = { .stopped_ns = process->at_ns };

	if (bpf_map_update_elem(&stopped, &key, &fresh, BPF_NOEXIST))
		return false;
	struct guard *guard = bpf_map_lookup_elem(&stopped, &key);

	if (guard && !bpf_timer_init(&guard->timer, &stopped, CLOCK_MONOTONIC) &&
	    !bpf_timer_set_callback(&guard->timer, go_on) && !bpf_timer_start(&guard->timer, LONGEST_STOP_NS, 0))
		return true;
	bpf_map_delete_elem(&stopped, &key);
	return false;
}

static __always_inline void unguard(struct process *process)
{
	struct startup_key key = { .start_boot_ns = process->start_boot_ns, .pid = process->pid };

	bpf_map_delete_elem(&stopped, &key);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec_stop, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct process process;
	struct image image = {};

	if (!look(&process) || !agent_lives(process.at_ns))
		return 0;
	bpf_find_vma(task, task->mm->start_code, mapped_image, &image, 0);
	struct image_key key = { .inode = image.inode, .device = image.device };

	if (!image.inode || bpf_map_lookup_elem(&stop_known, &key) || !guarded(&process))
		return 0;
	/* Said first: an agent that cannot be told is not waited for. */
	struct startup_event *event = begin(&process, STARTUP_STOPPED);

	if (!event) {
		unguard(&process);
		return 0;
	}
	event->inode = image.inode;
	event->device = image.device;
	bpf_probe_read_kernel_str(event->path, sizeof(event->path), BPF_CORE_READ(bprm, filename));
	bpf_send_signal(SIGSTOP);
	bpf_ringbuf_submit(event, 0);
	return 0;
}
