/* SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0) */
/* Which directory of the v1 cpu hierarchy a task is in. */
#ifndef THAW_CGROUP_ID_H
#define THAW_CGROUP_ID_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

static __always_inline __u64 v1_cgroup_id(struct task_struct *task)
{
	/* An id of 0 is nobody's: a kernel without the v1 hierarchy shows the cgroup2 root here, harmless beside it. */
	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, cpu_cgrp_id))
		return 0;
	int index = bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id);
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *state = 0;

	bpf_core_read(&state, sizeof(state), &set->subsys[index & 15]);
	return BPF_CORE_READ(state, cgroup, kn, id);
}

#endif
