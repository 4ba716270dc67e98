// order-svc is the demo's service. Its cold start is real work: tables at package init, a catalogue that the first
// order loads, caches that fill one key at a time. Its health page is shallow, as most are.
package main

import (
	"crypto/tls"
	"flag"
	"log"
	"net/http"
	"os"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/h2c"

	"thaw.dev/demo/internal/selfcert"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8443", "address and port")
	plain := flag.Bool("plain", false, "HTTP/2 without TLS (h2c) beside HTTP/1.1")
	inventory := flag.String("inventory", "127.0.0.1:23900", "address of inventory-svc")
	fault := flag.String("fault", "none", "none, a (every fifth order fails), b (slow above 4 orders a second), or @FILE that says so")
	flag.Parse()
	kind, err := readFault(*fault)
	if err != nil {
		log.Fatal(err)
	}
	shop := newShop(*inventory, kind)
	server := &http.Server{Addr: *listen, Handler: routes(shop)}
	if *plain {
		server.Handler = h2c.NewHandler(server.Handler, &http2.Server{})
		log.Fatal(server.ListenAndServe())
	}
	certificate, err := selfcert.New()
	if err != nil {
		log.Fatal(err)
	}
	// Tickets would make a user's second handshake cheap; here every user is new.
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, SessionTicketsDisabled: true}
	log.Fatal(server.ListenAndServeTLS("", ""))
}

// readFault resolves "@FILE", so that one command line can start different builds.
func readFault(word string) (string, error) {
	if strings.HasPrefix(word, "@") {
		content, err := os.ReadFile(word[1:])
		if err != nil {
			return "", err
		}
		word = strings.TrimSpace(string(content))
	}
	switch word {
	case "none", "a", "b":
		return word, nil
	}
	return "", &unknownFault{word}
}

type unknownFault struct{ word string }

func (e *unknownFault) Error() string {
	return "-fault \"" + e.word + "\" (expected: none, a, b or @FILE)"
}
