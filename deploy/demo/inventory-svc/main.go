// inventory-svc is what order-svc depends on: it takes a declared 30 ms a connect and 10 ms a query.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"strconv"
	"time"

	"thaw.dev/demo/internal/catalogue"
	"thaw.dev/demo/internal/selfcert"
)

const (
	connectDelay = 30 * time.Millisecond
	queryDelay   = 10 * time.Millisecond
)

func main() {
	listen := flag.String("listen", "127.0.0.1:23900", "address and port")
	flag.Parse()
	pages := make([][]byte, catalogue.Pages)
	for i := range pages {
		encoded, err := json.Marshal(catalogue.Page(i))
		if err != nil {
			log.Fatal(err)
		}
		pages[i] = encoded
	}
	certificate, err := selfcert.New()
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/catalogue", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(queryDelay)
		page, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil || page < 0 || page >= len(pages) {
			http.Error(w, "page (expected: 0 to 159)", http.StatusBadRequest)
			return
		}
		_, _ = w.Write(pages[page])
	})
	mux.HandleFunc("/stock", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(queryDelay)
		_, _ = w.Write([]byte(`{"left":7}`))
	})
	server := &http.Server{
		Addr:    *listen,
		Handler: mux,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
				time.Sleep(connectDelay)
				return nil, nil
			},
		},
		// One request at a time on each connection, as a database pool has it.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	log.Fatal(server.ListenAndServeTLS("", ""))
}
