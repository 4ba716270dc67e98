// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Stops a watched process at the exec of an image that nobody has looked at yet, so that marks are on it before its
 * first instruction. Loaded only when asked for. Needs Linux 6.16.
 *
 * Nobody is left stopped. A process is stopped only while an agent has lately said that it lives. When the agent dies,
 * however it does, its own last act in the kernel lets all that wait go on; what is just being stopped then sees that
 * nobody lives and goes on by itself. Behind an agent that only hangs a timer does the same. Programs, timers and maps
 * are pinned: they outlive it.
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

/* An agent speaks each 50 to 150 ms. */
#define AGENT_LIVES_NS 500000000LL
/* Marks take 5 to 20 ms, and half a second where everybody wants the processor. */
#define LONGEST_STOP_NS 1000000000ULL
/* A timer that finds its CPU idle may not signal: it tries again. */
#define AGAIN_NS 5000000ULL
/* A signal is on its way on this CPU until an interrupt has carried it out: a microsecond. */
#define EBUSY 16
#define NANOS_PER_SECOND 1000000000ULL
/* Says that somebody has asked for an inode's change time since it changed. */
#define I_CTIME_QUERIED (1U << 31)
#define TRIES 256

extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern int bpf_send_signal_task(struct task_struct *task, int sig, enum pid_type type, __u64 value) __ksym;

struct image_key {
	__u64 inode;
	__u64 device;
};

/* Images that were looked at, and in which version. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct image_key);
	__type(value, __u64);
} stop_known SEC(".maps");

struct bpf_map;

struct guard {
	struct bpf_timer timer;
	__u64 changed_ns; /* the version of its image */
};

/* One stop: a process may be stopped again before whoever let it go on has put the first aside. */
struct stop_key {
	__u64 start_boot_ns;
	__u32 pid;
	__u32 at_low; /* of its time */
};

/* Processes that wait. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct stop_key);
	__type(value, struct guard);
} stopped SEC(".maps");

static __always_inline struct stop_key stop_key_of(struct process *process)
{
	struct stop_key key = {
		.start_boot_ns = process->start_boot_ns,
		.pid = process->pid,
		.at_low = (__u32)process->at_ns,
	};

	return key;
}

/* Whether the process needs nobody any more: it goes on, or is gone. */
static __always_inline bool continued(struct stop_key *key)
{
	struct task_struct *task = bpf_task_from_pid(key->pid);
	int result = 0;

	if (!task)
		return true;
	if (task->start_boottime == key->start_boot_ns) {
		for (int i = 0; i < TRIES; i++) {
			result = bpf_send_signal_task(task, SIGCONT, PIDTYPE_TGID, 0);
			if (result != -EBUSY)
				break;
		}
	}
	bpf_task_release(task);
	return result == 0;
}

static int on_timer(void *map, struct stop_key *key, struct guard *guard)
{
	if (!continued(key))
		bpf_timer_start(&guard->timer, AGAIN_NS, 0);
	else
		bpf_map_delete_elem(map, key);
	return 0;
}

static long go_on(struct bpf_map *map, struct stop_key *key, struct guard *guard, void *unused)
{
	if (continued(key))
		bpf_map_delete_elem(map, key);
	return 0;
}

static __always_inline bool agent_lives(__u64 now)
{
	__u32 zero = 0;
	struct startup_header *header = bpf_map_lookup_elem(&startup_header, &zero);

	/* It may have spoken since now was taken. */
	return header && header->agent_seen_ns && (__s64)(now - header->agent_seen_ns) < AGENT_LIVES_NS;
}

/* Whether a timer now runs that will let the process go on. */
static __always_inline bool guarded(struct process *process, __u64 changed_ns)
{
	struct stop_key key = stop_key_of(process);
	struct guard fresh = { .changed_ns = changed_ns };

	if (bpf_map_update_elem(&stopped, &key, &fresh, BPF_NOEXIST))
		return false;
	struct guard *guard = bpf_map_lookup_elem(&stopped, &key);

	if (guard && !bpf_timer_init(&guard->timer, &stopped, CLOCK_MONOTONIC) &&
	    !bpf_timer_set_callback(&guard->timer, on_timer) && !bpf_timer_start(&guard->timer, LONGEST_STOP_NS, 0))
		return true;
	bpf_map_delete_elem(&stopped, &key);
	return false;
}

static __always_inline void unguard(struct process *process)
{
	struct stop_key key = stop_key_of(process);

	bpf_map_delete_elem(&stopped, &key);
}

struct version {
	struct image image;
	__u64 changed_ns;
};

static long mapped_version(struct task_struct *task, struct vm_area_struct *vma, struct version *version)
{
	struct inode *inode = BPF_CORE_READ(vma, vm_file, f_inode);

	version->changed_ns = BPF_CORE_READ(inode, i_ctime_sec) * NANOS_PER_SECOND +
			      (BPF_CORE_READ(inode, i_ctime_nsec) & ~I_CTIME_QUERIED);
	return mapped_image(task, vma, &version->image);
}

static __always_inline bool is_known(struct version *version)
{
	struct image_key key = { .inode = version->image.inode, .device = version->image.device };
	__u64 *changed_ns = bpf_map_lookup_elem(&stop_known, &key);

	return changed_ns && *changed_ns == version->changed_ns;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec_stop, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct process process;
	struct version version = {};

	if (!look(&process) || !agent_lives(process.at_ns))
		return 0;
	bpf_find_vma(task, task->mm->start_code, mapped_version, &version, 0);
	if (!version.image.inode || is_known(&version) || !guarded(&process, version.changed_ns))
		return 0;
	/* Said first: an agent that cannot be told is not waited for. */
	struct startup_event *event = begin(&process, STARTUP_STOPPED);

	if (!event) {
		unguard(&process);
		return 0;
	}
	event->inode = version.image.inode;
	event->device = version.image.device;
	bpf_probe_read_kernel_str(event->path, sizeof(event->path), BPF_CORE_READ(bprm, filename));
	bpf_send_signal(SIGSTOP);
	bpf_ringbuf_submit(event, 0);
	/* Dead since it was asked for: its exit may have looked before we were among those who wait. */
	if (!agent_lives(process.at_ns)) {
		struct stop_key waiting = stop_key_of(&process);

		continued(&waiting);
	}
	return 0;
}

/* In the agent's own context, which is there whatever killed it; before Linux 6.16 it would come too late to signal. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_agent_exit, struct task_struct *task, bool group_dead)
{
	__u32 zero = 0;
	struct startup_header *header = bpf_map_lookup_elem(&startup_header, &zero);

	if (!header || !group_dead || task->tgid != header->agent_pid)
		return 0;
	header->agent_seen_ns = 0;
	header->agent_pid = 0;
	bpf_for_each_map_elem(&stopped, go_on, 0, 0);
	return 0;
}
