package dev.thaw.node.http;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Whom to talk to, and how he must prove himself.
 *
 * @param caFile absent: any certificate will do, as it does for the kubelet
 * @param serverName for SNI and, with a CA, to be found in the certificate; absent: the address
 * @param allowHttp2 whether ALPN offers HTTP/2
 * @param connectTimeout for TCP and TLS together
 */
public record Target(
    InetSocketAddress address,
    Optional<String> caFile,
    Optional<String> serverName,
    boolean allowHttp2,
    Duration connectTimeout) {}
