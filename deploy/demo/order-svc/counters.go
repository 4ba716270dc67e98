package main

import (
	"fmt"
	"net/http"
	"sort"
	"sync"
	"time"
)

// bounds in seconds; 0.25 is what the demo's policy calls slow.
var bounds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// counters are orders by status and how long they took, as Prometheus wants them.
type counters struct {
	mutex   sync.Mutex
	codes   map[int]int
	buckets []int
	timed   int
	seconds float64
}

func newCounters() *counters {
	return &counters{codes: map[int]int{http.StatusOK: 0, http.StatusInternalServerError: 0}, buckets: make([]int, len(bounds))}
}

func (c *counters) count(status int, took time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.codes[status]++
	c.timed++
	c.seconds += took.Seconds()
	for i, bound := range bounds {
		if took.Seconds() <= bound {
			c.buckets[i]++
		}
	}
}

func (c *counters) totals() (orders, errors int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for code, n := range c.codes {
		orders += n
		if code >= 500 {
			errors += n
		}
	}
	return orders, errors
}

func (c *counters) page(w http.ResponseWriter, r *http.Request) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	fmt.Fprintln(w, "# TYPE http_requests_total counter")
	codes := make([]int, 0, len(c.codes))
	for code := range c.codes {
		codes = append(codes, code)
	}
	sort.Ints(codes)
	for _, code := range codes {
		fmt.Fprintf(w, "http_requests_total{code=\"%d\"} %d\n", code, c.codes[code])
	}
	fmt.Fprintln(w, "# TYPE http_request_duration_seconds histogram")
	for i, bound := range bounds {
		fmt.Fprintf(w, "http_request_duration_seconds_bucket{le=\"%g\"} %d\n", bound, c.buckets[i])
	}
	fmt.Fprintf(w, "http_request_duration_seconds_bucket{le=\"+Inf\"} %d\n", c.timed)
	fmt.Fprintf(w, "http_request_duration_seconds_sum %g\n", c.seconds)
	fmt.Fprintf(w, "http_request_duration_seconds_count %d\n", c.timed)
}
