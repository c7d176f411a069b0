package dev.cprkit.agent.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over certificates and keys that were replaced on disk, for connections from then on. Files that do not go together,
 * one replaced and the other not yet, are left until they do: what was there before serves on. One thread at a time.
 */
final class TlsReload {
    private static final Logger LOG = LoggerFactory.getLogger(TlsReload.class);

    private final AgentConfig.Tls tls;
    private final SslContextFactory.Server context;
    private List<Optional<Stamp>> seen;

    /** What is different about a file that was replaced or written to. */
    private record Stamp(Object modified, long size, Optional<Object> key) {}

    /** For a context that was made of these files. */
    TlsReload(AgentConfig.Tls tls, SslContextFactory.Server context) {
        this.tls = tls;
        this.context = context;
        this.seen = stamps();
    }

    private List<Optional<Stamp>> stamps() {
        return List.of(stamp(tls.certificate()), stamp(tls.key()), stamp(tls.clientAuthority()));
    }

    private static Optional<Stamp> stamp(Path file) {
        try {
            BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(new Stamp(facts.lastModifiedTime(), facts.size(), Optional.ofNullable(facts.fileKey())));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Looks whether there is something new. */
    void look() {
        List<Optional<Stamp>> now = stamps();
        if (now.equals(seen)) {
            return;
        }
        seen = now;
        try {
            var fresh = TlsContext.of(tls);
            context.reload(factory -> factory.setSslContext(fresh));
            LOG.info("TLS has new certificates");
        } catch (ConfigException e) {
            LOG.warn("TLS keeps the certificates that it has: {}", e.getMessage());
        } catch (Exception e) { // what Jetty declares
            LOG.error("TLS cannot take over its new certificates: {}", e.toString());
        }
    }
}
