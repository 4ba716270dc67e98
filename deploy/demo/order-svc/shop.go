package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"thaw.dev/demo/internal/catalogue"
)

// postcodes is built before main runs, as package-level tables are.
var postcodes = buildPostcodes()

func buildPostcodes() map[string][8]uint32 {
	tables := make(map[string][8]uint32, 20000)
	for i := 0; i < 20000; i++ {
		var zones [8]uint32
		for j := range zones {
			zones[j] = uint32(i * j)
		}
		tables["postcode-"+strconv.Itoa(i)] = zones
	}
	return tables
}

type shop struct {
	inventory string
	pool      *http.Client
	fault     *faults
	counters  *counters

	load      sync.Once
	index     *catalogue.Index
	loadError error
	coldBegin atomic.Value // time.Time of the first order
	coldNanos int64        // from the first order to the end of the catalogue's load; atomic
	stock     [500]sync.Once
}

func newShop(inventory, fault string) *shop {
	transport := &http.Transport{
		MaxConnsPerHost:     8,
		MaxIdleConnsPerHost: 8,
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
	}
	return &shop{
		inventory: "https://" + inventory,
		pool:      &http.Client{Transport: transport, Timeout: 10 * time.Second},
		fault:     &faults{kind: fault},
		counters:  newCounters(),
	}
}

func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	s.coldBegin.CompareAndSwap(nil, began)
	status := s.fault.before(began)
	if status == http.StatusOK {
		status = s.serve(w, r)
	} else {
		http.Error(w, "fault", status)
	}
	s.counters.count(status, time.Since(began))
}

func (s *shop) serve(w http.ResponseWriter, r *http.Request) int {
	s.load.Do(s.loadCatalogue)
	if s.loadError != nil {
		http.Error(w, s.loadError.Error(), http.StatusBadGateway)
		return http.StatusBadGateway
	}
	customer, _ := strconv.Atoi(r.URL.Query().Get("c"))
	product, _ := s.index.Find(strconv.Itoa(customer%977), customer)
	key := customer % len(s.stock)
	s.stock[key].Do(func() { s.fetch("/stock?key="+strconv.Itoa(key), nil) })
	signature := sha256.Sum256([]byte(product.ID))
	for i := 0; i < 300; i++ {
		signature = sha256.Sum256(signature[:])
	}
	zones := postcodes["postcode-"+strconv.Itoa(customer%20000)]
	_ = json.NewEncoder(w).Encode(map[string]interface{}{
		"product": product.ID, "price": product.Price, "zone": zones[1], "signature": signature[:4],
	})
	return http.StatusOK
}

// loadCatalogue is the cold window: pages through the TLS pool, decoding, an index.
func (s *shop) loadCatalogue() {
	pages := make([][]catalogue.Product, catalogue.Pages)
	var wait sync.WaitGroup
	slots := make(chan struct{}, 4)
	var failed atomic.Value
	for page := range pages {
		wait.Add(1)
		slots <- struct{}{}
		go func(page int) {
			defer wait.Done()
			if err := s.fetch(fmt.Sprintf("/catalogue?page=%d", page), &pages[page]); err != nil {
				failed.Store(err)
			}
			<-slots
		}(page)
	}
	wait.Wait()
	if err, ok := failed.Load().(error); ok {
		s.loadError = err
		return
	}
	index := catalogue.NewIndex()
	for _, page := range pages {
		index.Add(page)
	}
	s.index = index
	atomic.StoreInt64(&s.coldNanos, int64(time.Since(s.coldBegin.Load().(time.Time))))
}

func (s *shop) fetch(path string, into interface{}) error {
	response, err := s.pool.Get(s.inventory + path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if into == nil {
		into = &map[string]int{}
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// stats tells the cold window to whoever measures.
func (s *shop) stats(w http.ResponseWriter, r *http.Request) {
	orders, errors := s.counters.totals()
	_ = json.NewEncoder(w).Encode(map[string]interface{}{
		"cold_window_ms": float64(atomic.LoadInt64(&s.coldNanos)) / 1e6,
		"orders":         orders,
		"errors":         errors,
		"fault":          s.fault.kind,
	})
}
