package main

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// routes are the pages, by Gin, and the same order by gRPC (thaw.demo.Orders/Place: customer in, the order's JSON out),
// beside the standard health service, all on one port.
func routes(shop *shop) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	pages := gin.New()
	pages.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	pages.Any("/order", gin.WrapF(shop.order))
	pages.GET("/metrics", gin.WrapF(shop.counters.page))
	pages.GET("/stats", gin.WrapF(shop.stats))
	calls := grpc.NewServer()
	calls.RegisterService(&orders, shop)
	grpc_health_v1.RegisterHealthServer(calls, health.NewServer())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			calls.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// orders is written by hand: its messages are protobuf's own wrappers, so that no generator is needed to build the demo.
var orders = grpc.ServiceDesc{
	ServiceName: "thaw.demo.Orders",
	HandlerType: (*interface{})(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: "Place",
		Handler: func(server interface{}, ctx context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
			customer := new(wrapperspb.UInt32Value)
			if err := decode(customer); err != nil {
				return nil, err
			}
			return server.(*shop).place(ctx, customer.GetValue())
		},
	}},
}

// place goes the way of a page's order: faults, caches and counters are the same.
func (s *shop) place(ctx context.Context, customer uint32) (*wrapperspb.BytesValue, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "/order?c="+strconv.FormatUint(uint64(customer), 10), nil)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	answer := answer{header: http.Header{}, code: http.StatusOK}
	s.order(&answer, request)
	if answer.code != http.StatusOK {
		return nil, status.Error(codes.Unavailable, strings.TrimSpace(answer.body.String()))
	}
	return wrapperspb.Bytes(answer.body.Bytes()), nil
}

// answer is a page's answer on its way into a call's.
type answer struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(code int) { a.code = code }

func (a *answer) Write(part []byte) (int, error) { return a.body.Write(part) }
