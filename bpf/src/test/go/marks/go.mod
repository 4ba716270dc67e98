module sample

go 1.18

require google.golang.org/grpc v0.0.0

replace google.golang.org/grpc => ./grpc
