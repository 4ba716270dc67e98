package main

import (
	"net/http"
	"sync"
	"time"
)

const (
	slowAbove = 4 // orders in the last second
	slowBy    = 400 * time.Millisecond
)

// faults makes a build faulty: a fails every fifth order, b is slow as soon as it has some load.
type faults struct {
	kind   string
	mutex  sync.Mutex
	orders int
	recent []time.Time
}

// before is asked at the begin of an order; its answer is the order's status so far.
func (f *faults) before(now time.Time) int {
	switch f.kind {
	case "a":
		if f.fifth() {
			return http.StatusInternalServerError
		}
	case "b":
		if f.rate(now) > slowAbove {
			time.Sleep(slowBy)
		}
	}
	return http.StatusOK
}

// fifth counts orders; the first of every five is the one.
func (f *faults) fifth() bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.orders++
	return f.orders%5 == 1
}

// rate is how many orders began within the last second, this one included.
func (f *faults) rate(now time.Time) int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.recent = append(f.recent, now)
	for len(f.recent) > 0 && now.Sub(f.recent[0]) >= time.Second {
		f.recent = f.recent[1:]
	}
	return len(f.recent)
}
