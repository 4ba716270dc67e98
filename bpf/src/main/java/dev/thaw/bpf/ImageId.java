package dev.thaw.bpf;

/** An executable as the kernel runs it: inode and device. */
public record ImageId(long inode, long device) {}
