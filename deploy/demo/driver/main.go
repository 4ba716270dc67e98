// driver is the demo's users: an open loop of requests, each on a new TLS connection, or clients that keep theirs.
// Every request is one line of CSV: seq, intended (ns of CLOCK_MONOTONIC), lag_us, latency_us, status, slot, epoch, protocol, error.
// Latency counts from the intended send time. Slot and epoch say which backend the kernel chose (-1: unknown);
// protocol is HTTP's major version (0: no answer).
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

const timeout = 10 * time.Second

type options struct {
	target    string
	path      string
	rate      float64
	keepAlive int
	seconds   float64
}

type result struct {
	seq      int
	intended int64
	lag      time.Duration
	latency  time.Duration
	status   int
	backend  backend
	protocol int
	err      string
}

func main() {
	var o options
	flag.StringVar(&o.target, "target", "127.100.0.9:8443", "the service")
	flag.StringVar(&o.path, "path", "/order?c={n}", "what is asked for; {n} counts")
	flag.Float64Var(&o.rate, "rate", 120, "requests a second")
	flag.IntVar(&o.keepAlive, "keep-alive", 0, "so many HTTP/2 clients that keep their connection (0: a new connection each)")
	flag.Float64Var(&o.seconds, "seconds", 600, "ends by itself after so many")
	balance := flag.String("balance", "", "folder of the pinned balancer (empty: backends stay unknown)")
	out := flag.String("out", "-", "file of results")
	flag.Parse()
	var tracer *tracer
	if *balance != "" {
		var err error
		if tracer, err = openTracer(*balance); err != nil {
			log.Fatal(err)
		}
		defer tracer.close()
	}
	file := os.Stdout
	if *out != "-" {
		var err error
		if file, err = os.Create(*out); err != nil {
			log.Fatal(err)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(o.seconds*float64(time.Second)))
	defer cancel()
	drive(ctx, o, tracer, file)
}

func drive(ctx context.Context, o options, tracer *tracer, file *os.File) {
	results := make(chan result, 4096)
	written := make(chan struct{})
	go write(file, results, written)
	clients := makeClients(o, tracer)
	var wait sync.WaitGroup
	begin, beginNanos := time.Now(), monotonic()
	for seq := 0; ; seq++ {
		at := due(seq, o.rate)
		timer := time.NewTimer(time.Until(begin.Add(at)))
		select {
		case <-ctx.Done():
			timer.Stop()
			wait.Wait()
			close(results)
			<-written
			return
		case <-timer.C:
		}
		wait.Add(1)
		go func(seq int) {
			defer wait.Done()
			one := clients[seq%len(clients)]
			r := one.ask(seq, begin.Add(at), strings.ReplaceAll(o.path, "{n}", fmt.Sprint(seq)))
			r.intended = beginNanos + int64(at)
			results <- r
		}(seq)
	}
}

// due is when a request of an open loop is to be sent, from the loop's begin.
func due(seq int, rate float64) time.Duration {
	return time.Duration(float64(seq) / rate * float64(time.Second))
}

type client struct {
	http   *http.Client
	target string
	fresh  bool
	tracer *tracer
	mutex  sync.Mutex
	cookie uint64
}

func makeClients(o options, tracer *tracer) []*client {
	n := o.keepAlive
	if n == 0 {
		n = 1
	}
	clients := make([]*client, n)
	for i := range clients {
		c := &client{target: o.target, fresh: o.keepAlive == 0, tracer: tracer}
		c.http = c.newHTTP()
		clients[i] = c
	}
	return clients
}

func (c *client) newHTTP() *http.Client {
	dialer := &net.Dialer{Timeout: timeout, Control: func(network, address string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) {
			cookie := socketCookie(int(fd)) // before connect: failures are attributed too
			c.mutex.Lock()
			c.cookie = cookie
			c.mutex.Unlock()
		})
	}}
	return &http.Client{Timeout: timeout, Transport: &http.Transport{
		DialContext:       dialer.DialContext,
		DisableKeepAlives: c.fresh,
		ForceAttemptHTTP2: !c.fresh,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
	}}
}

func (c *client) ask(seq int, intended time.Time, path string) result {
	one := c
	if c.fresh { // a connection of its own, and so a cookie of its own
		one = &client{target: c.target, fresh: true, tracer: c.tracer}
		one.http = one.newHTTP()
	}
	r := result{seq: seq, lag: time.Since(intended), backend: unknown}
	response, err := one.http.Get("https://" + one.target + path)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		r.status = response.StatusCode
		r.protocol = response.ProtoMajor
	}
	r.latency = time.Since(intended)
	if err != nil {
		r.err = strings.NewReplacer(",", ";", "\n", " ").Replace(err.Error())
	}
	one.mutex.Lock()
	cookie := one.cookie
	one.mutex.Unlock()
	if one.tracer != nil {
		r.backend = one.tracer.lookup(cookie)
	}
	return r
}

func write(file *os.File, results <-chan result, written chan<- struct{}) {
	defer close(written)
	buffered := bufio.NewWriter(file)
	flush := time.NewTicker(200 * time.Millisecond)
	defer flush.Stop()
	for {
		select {
		case r, open := <-results:
			if !open {
				_ = buffered.Flush()
				return
			}
			fmt.Fprintf(buffered, "%d,%d,%d,%d,%d,%d,%d,%d,%s\n", r.seq, r.intended, r.lag.Microseconds(),
				r.latency.Microseconds(), r.status, r.backend.slot, r.backend.epoch, r.protocol, r.err)
		case <-flush.C:
			_ = buffered.Flush()
		}
	}
}
