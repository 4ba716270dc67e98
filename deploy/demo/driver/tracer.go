package main

import (
	"fmt"
	"path/filepath"
	"syscall"
	"unsafe"
)

const (
	bpfMapLookupElem = 1
	bpfMapUpdateElem = 2
	bpfObjGet        = 7
	soCookie         = 57
	clockMonotonic   = 1
	traceSetting     = 1 // index in the balancer's settings
)

// backend is what the balancer chose for a socket.
type backend struct {
	slot  int
	epoch int64
}

var unknown = backend{-1, -1}

// tracer asks the balancer's pinned maps which backend a socket was given.
type tracer struct{ cookies, settings int }

func openTracer(folder string) (*tracer, error) {
	cookies, err := pinned(filepath.Join(folder, "cookies"))
	if err != nil {
		return nil, err
	}
	settings, err := pinned(filepath.Join(folder, "settings"))
	if err != nil {
		return nil, err
	}
	t := &tracer{cookies, settings}
	return t, t.tracing(1)
}

func (t *tracer) close() { _ = t.tracing(0) }

func (t *tracer) tracing(on uint64) error {
	key := uint32(traceSetting)
	return element(bpfMapUpdateElem, t.settings, unsafe.Pointer(&key), unsafe.Pointer(&on))
}

func (t *tracer) lookup(cookie uint64) backend {
	var value struct {
		service, slot uint32
		epoch         uint64
	}
	if element(bpfMapLookupElem, t.cookies, unsafe.Pointer(&cookie), unsafe.Pointer(&value)) != nil {
		return unknown
	}
	return backend{int(value.slot), int64(value.epoch)}
}

func pinned(path string) (int, error) {
	name := append([]byte(path), 0)
	attributes := struct {
		path  uint64
		fd    uint32
		flags uint32
	}{path: uint64(uintptr(unsafe.Pointer(&name[0])))}
	fd, _, errno := syscall.Syscall(sysBPF, bpfObjGet, uintptr(unsafe.Pointer(&attributes)), unsafe.Sizeof(attributes))
	if errno != 0 {
		return 0, fmt.Errorf("%s: %w", path, errno)
	}
	return int(fd), nil
}

func element(command uintptr, fd int, key, value unsafe.Pointer) error {
	attributes := struct {
		fd    uint32
		_     uint32
		key   uint64
		value uint64
		flags uint64
	}{fd: uint32(fd), key: uint64(uintptr(key)), value: uint64(uintptr(value))}
	_, _, errno := syscall.Syscall(sysBPF, command, uintptr(unsafe.Pointer(&attributes)), unsafe.Sizeof(attributes))
	if errno != 0 {
		return errno
	}
	return nil
}

func socketCookie(fd int) uint64 {
	var cookie uint64
	size := uint32(8)
	_, _, errno := syscall.Syscall6(syscall.SYS_GETSOCKOPT, uintptr(fd), syscall.SOL_SOCKET, soCookie,
		uintptr(unsafe.Pointer(&cookie)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0
	}
	return cookie
}

func monotonic() int64 {
	var now syscall.Timespec
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}
