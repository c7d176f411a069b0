package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with certificates that keytool makes: one for the agent, one for each caller. */
class TlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    private static Path folder;

    /** Keys with a certificate each for itself: stores, and the same as PEM files. */
    @BeforeAll
    static void make_certificates() throws Exception {
        Map<String, String> subjects = Map.of(
                "agent",
                "CN=agent",
                "deploy",
                "CN=deploy,O=Example",
                "other",
                "CN=other",
                "stranger",
                "CN=deploy,O=Example");
        List<Process> processes = new ArrayList<>();
        for (Map.Entry<String, String> one : subjects.entrySet()) {
            processes.add(keytool(one.getKey(), one.getValue()));
        }
        for (Process process : processes) {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }
        for (String name : subjects.keySet()) {
            KeyStore store = store(name);
            pem(name + ".crt", "CERTIFICATE", store.getCertificate(name).getEncoded());
            Files.createFile(
                    folder.resolve(name + ".key"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            pem(
                    name + ".key",
                    "PRIVATE KEY",
                    store.getKey(name, PASSWORD.toCharArray()).getEncoded());
        }
    }

    private static Process keytool(String name, String subject) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-J-XX:TieredStopAtLevel=1",
                        "-genkeypair",
                        "-alias",
                        name,
                        "-dname",
                        subject,
                        "-keyalg",
                        "EC",
                        "-keystore",
                        folder.resolve(name + ".p12").toString(),
                        "-storepass",
                        PASSWORD,
                        "-ext",
                        "san=dns:" + name + ".example.org",
                        "-validity",
                        "2")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .start();
    }

    private static void pem(String file, String label, byte[] content) throws IOException {
        Files.writeString(
                folder.resolve(file),
                "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END "
                        + label + "-----\n");
    }

    private static KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(name + ".p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static String ask(int port, Optional<String> who, String request) throws Exception {
        KeyManager[] keys = {};
        if (who.isPresent()) {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store(who.get()), PASSWORD.toCharArray());
            keys = factory.getKeyManagers();
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "agent",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(Files.readAllBytes(folder.resolve("agent.crt")))));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write((request + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static TestAgent agent(AgentConfig.Tls tls, AccessRule... rules) throws Exception {
        return TestAgent.start(
                folder,
                c -> new AgentConfig(
                        c.socket(),
                        c.socketGroup(),
                        c.operationsAtOnce(),
                        c.programFolders(),
                        c.logLevel(),
                        c.stopLimit(),
                        c.keep(),
                        c.limits(),
                        Optional.of(tls),
                        List.of(rules)));
    }

    private static boolean isLetIn(int port, String who) {
        try {
            return ask(port, Optional.of(who), "GET /v1/vms/a").startsWith("HTTP/1.1 200 ");
        } catch (Exception e) {
            return false;
        }
    }

    @Test
    void certificates_that_are_replaced_are_taken_over_while_it_runs() throws Exception {
        Path authority = Files.copy(folder.resolve("deploy.crt"), folder.resolve("reloaded.crt"));
        Path certificate = Files.copy(folder.resolve("agent.crt"), folder.resolve("mine.crt"));
        AgentConfig.Tls tls = new AgentConfig.Tls(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                certificate,
                folder.resolve("agent.key"),
                authority);
        try (TestAgent agent = agent(
                tls,
                new AccessRule(Role.READER, new AccessRule.Subject(new X500Principal("CN=deploy,O=Example"))),
                new AccessRule(Role.READER, new AccessRule.AlternativeName("other.example.org")))) {
            int port = agent.agent.tlsPort();
            assertThat(isLetIn(port, "deploy")).isTrue();
            assertThat(isLetIn(port, "other")).isFalse();
            // One that does not go with the key changes nothing.
            Files.copy(folder.resolve("other.crt"), certificate, StandardCopyOption.REPLACE_EXISTING);
            Files.copy(folder.resolve("other.crt"), authority, StandardCopyOption.REPLACE_EXISTING);
            Files.copy(folder.resolve("agent.crt"), certificate, StandardCopyOption.REPLACE_EXISTING);
            TestAgent.await("the new authority", () -> isLetIn(port, "other"));
            assertThat(isLetIn(port, "deploy")).isFalse();
        }
    }

    @Test
    void a_certificate_that_the_authority_signed_and_a_rule_names_is_let_in() throws Exception {
        Path authority = folder.resolve("callers.crt");
        Files.writeString(
                authority,
                Files.readString(folder.resolve("deploy.crt")) + Files.readString(folder.resolve("other.crt")));
        AgentConfig.Tls tls = new AgentConfig.Tls(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                folder.resolve("agent.crt"),
                folder.resolve("agent.key"),
                authority);
        AccessRule[] rules = {
            new AccessRule(Role.OPERATOR, new AccessRule.Subject(new X500Principal("CN=deploy,O=Example"))),
            new AccessRule(Role.READER, new AccessRule.AlternativeName("other.example.org"))
        };
        try (TestAgent agent = agent(tls, rules)) {
            int port = agent.agent.tlsPort();
            agent.ask("PUT", "/v1/operations/one", "{\"kind\":\"update\",\"vm\":\"a\"}");
            assertThat(ask(port, Optional.of("deploy"), "POST /v1/operations/one/commit"))
                    .startsWith("HTTP/1.1 202 ");
            assertThat(agent.audit).singleElement().satisfies(entry -> {
                assertThat(entry.caller().who()).isEqualTo("CN=deploy,O=Example");
                assertThat(entry.caller().through()).isEqualTo("tls");
            });
            assertThat(ask(port, Optional.of("deploy"), "POST /v1/host/update/x/cancel"))
                    .startsWith("HTTP/1.1 403 ")
                    .contains("'CN=deploy,O=Example' is an operator here, and that needs an admin");
            assertThat(ask(port, Optional.of("other"), "GET /v1/vms/a")).startsWith("HTTP/1.1 200 ");
            assertThat(ask(port, Optional.of("other"), "POST /v1/operations/one/cancel"))
                    .startsWith("HTTP/1.1 403 ");
            assertThat(agent.audit).hasSize(3);
            // The subject's words are not enough: the authority has not signed this one.
            assertThatThrownBy(() -> ask(port, Optional.of("stranger"), "GET /v1/vms/a"))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> ask(port, Optional.empty(), "GET /v1/vms/a"))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_wrong_file_is_named() throws Exception {
        Path certificate = folder.resolve("agent.crt");
        Path key = folder.resolve("agent.key");
        InetSocketAddress nowhere = new InetSocketAddress(0);
        assertThatThrownBy(() -> TlsContext.of(new AgentConfig.Tls(nowhere, certificate, certificate, certificate)))
                .hasMessage(certificate + " has no private key in PEM as PKCS#8, not encrypted (openssl pkcs8 -topk8"
                        + " -nodes makes it one)");
        assertThatThrownBy(() -> TlsContext.of(new AgentConfig.Tls(nowhere, key, key, certificate)))
                .hasMessage(key + " has no certificate in PEM");
        Path others = folder.resolve("other.key");
        assertThatThrownBy(() -> TlsContext.of(new AgentConfig.Tls(nowhere, certificate, others, certificate)))
                .hasMessage("the key " + others + " is not that of the certificate " + certificate);
        Path open = Files.copy(key, folder.resolve("open.key"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> TlsContext.of(new AgentConfig.Tls(nowhere, certificate, open, certificate)))
                .hasMessage("the key " + open + " may be read by all; run chmod 0600 " + open);
        Path authority = Files.copy(certificate, folder.resolve("open.crt"));
        Files.setPosixFilePermissions(authority, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThatThrownBy(() -> TlsContext.of(new AgentConfig.Tls(nowhere, certificate, key, authority)))
                .hasMessage("the file " + authority + " may be changed by others: it may be written to by all");
    }
}
