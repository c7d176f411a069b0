package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.Fields;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.daemon.AgentConfig.Keep;
import dev.cprkit.agent.daemon.AgentConfig.Limits;
import dev.cprkit.agent.daemon.AgentConfig.Tls;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.TrustedPath;
import dev.cprkit.agent.host.UntrustedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import javax.security.auth.x500.X500Principal;

/**
 * Reads the configuration file, TOML 1.0. What is not there has a default; what is not known is an error, for a key with a
 * slip in it would give a right to nobody, or a limit to nothing.
 */
public final class ConfigFile {
    /** Where root's agent looks if nobody says otherwise. */
    public static final Path DEFAULT = Path.of("/etc/cprkit/agent.toml");

    private static final List<Path> SYSTEM_FOLDERS = List.of(
            Path.of("/usr/bin"),
            Path.of("/usr/lib"),
            Path.of("/usr/libexec"),
            Path.of("/usr/local/bin"),
            Path.of("/usr/local/lib"),
            Path.of("/opt"));

    private final Path file;
    private final Home home;
    private final boolean root;

    private ConfigFile(Path file, Home home, boolean root) {
        this.file = file;
        this.home = home;
        this.root = root;
    }

    /** What holds without a file. Root's programs are those of the system; a user's are wherever only that user may write. */
    public static AgentConfig defaults(Home home, boolean root) {
        return new AgentConfig(
                home.agentSocket(),
                Optional.empty(),
                4,
                root ? SYSTEM_FOLDERS : List.of(Path.of("/")),
                Level.INFO,
                Duration.ofSeconds(60),
                new Keep(Duration.ofDays(90), 10_000),
                new Limits(512, 64, Duration.ofSeconds(30)),
                Optional.empty(),
                List.of());
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException if it cannot be used as it is
     */
    public static AgentConfig read(Path file, Home home, boolean root) throws ConfigException {
        return new ConfigFile(file, home, root).read();
    }

    private AgentConfig read() throws ConfigException {
        try {
            TrustedPath.of(file);
            JsonNode tree = new TomlMapper().readTree(Files.readAllBytes(file));
            return config(Fields.of(tree));
        } catch (NoSuchFileException e) {
            throw new ConfigException("there is no configuration file " + file);
        } catch (JacksonException e) {
            var at = e.getLocation();
            throw new ConfigException(file + (at == null ? "" : ", line " + at.getLineNr()) + ": it is not TOML: "
                    + e.getOriginalMessage().lines().findFirst().orElse(""));
        } catch (IOException e) {
            throw new ConfigException(file + " cannot be read: " + e.getMessage());
        } catch (UntrustedException e) {
            throw new ConfigException("the configuration " + e.getMessage());
        } catch (ApiException e) {
            throw new ConfigException(file + ": " + e.getMessage());
        }
    }

    private AgentConfig config(Fields fields) throws ApiException, ConfigException {
        AgentConfig defaults = defaults(home, root);
        AgentConfig config = new AgentConfig(
                Json.absolutePath(fields, "socket").orElse(defaults.socket()),
                group(fields, "socket-group"),
                (int) (long)
                        fields.optionalNumber("operations-at-once", 1, 1000).orElse((long) defaults.operationsAtOnce()),
                folders(fields, defaults.programFolders()),
                fields.optionalNamed("log-level", ConfigFile::level, "it must be one of debug, info, warning, error")
                        .orElse(defaults.logLevel()),
                fields.optionalTime("stop-limit-s", 0).orElse(defaults.stopLimit()),
                keep(fields.optionalObject("journal"), defaults.keep()),
                limits(fields.optionalObject("limits"), defaults.limits()),
                tls(fields.optionalObject("tls")),
                rules(fields.objects("allow")));
        fields.end();
        return config;
    }

    private static Optional<Level> level(String name) {
        return switch (name) {
            case "debug" -> Optional.of(Level.FINE);
            case "info" -> Optional.of(Level.INFO);
            case "warning" -> Optional.of(Level.WARNING);
            case "error" -> Optional.of(Level.SEVERE);
            default -> Optional.empty();
        };
    }

    private List<Path> folders(Fields fields, List<Path> defaults) throws ApiException, ConfigException {
        if (!fields.has("program-directories")) {
            return defaults;
        }
        List<Path> folders = new ArrayList<>();
        for (String text : fields.texts("program-directories")) {
            folders.add(folder(text)
                    .orElseThrow(() -> wrong("the directory '" + Fields.shorten(text)
                            + "' in 'program-directories' must be an absolute path without '..'")));
        }
        return folders;
    }

    private static Optional<Path> folder(String text) {
        try {
            Path folder = Path.of(text);
            return Optional.of(folder)
                    .filter(path -> path.isAbsolute() && path.normalize().equals(path));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Keep keep(Optional<Fields> given, Keep defaults) throws ApiException {
        if (given.isEmpty()) {
            return defaults;
        }
        Fields fields = given.get();
        Keep keep = new Keep(
                Duration.ofDays(fields.optionalNumber("keep-days", 1, 36_500)
                        .orElse(defaults.age().toDays())),
                (int) (long)
                        fields.optionalNumber("keep-operations", 1, 10_000_000).orElse((long) defaults.operations()));
        fields.end();
        return keep;
    }

    private static Limits limits(Optional<Fields> given, Limits defaults) throws ApiException {
        if (given.isEmpty()) {
            return defaults;
        }
        Fields fields = given.get();
        Limits limits = new Limits(
                (int) (long) fields.optionalNumber("connections", 8, 65_536).orElse((long) defaults.connections()),
                (int) (long)
                        fields.optionalNumber("waits-per-caller", 1, 65_536).orElse((long) defaults.waitsPerCaller()),
                Duration.ofSeconds(fields.optionalNumber("request-s", 1, 30)
                        .orElse(defaults.requestTime().toSeconds())));
        fields.end();
        return limits;
    }

    private Optional<Tls> tls(Optional<Fields> given) throws ApiException, ConfigException {
        if (given.isEmpty()) {
            return Optional.empty();
        }
        Fields fields = given.get();
        Tls tls = new Tls(
                address(fields.text("listen")),
                path(fields, "certificate"),
                path(fields, "key"),
                path(fields, "client-authority"));
        fields.end();
        TlsContext.of(tls); // so that a wrong file is told now
        return Optional.of(tls);
    }

    private InetSocketAddress address(String text) throws ConfigException {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
            if (!host.isEmpty() && port >= 0 && port <= 65_535) {
                return new InetSocketAddress(InetAddress.getByName(host), port);
            }
        } catch (NumberFormatException e) {
            // told below
        } catch (UnknownHostException e) {
            throw wrong("the host of 'tls.listen' is not known: '" + text + "'");
        }
        throw wrong("'tls.listen' must be an address and a port as 192.0.2.7:7443 or [::]:7443, not '" + text + "'");
    }

    private static Path path(Fields fields, String name) throws ApiException {
        Optional<Path> path = Json.absolutePath(fields, name);
        return path.isPresent() ? path.get() : Path.of(fields.text(name));
    }

    private List<AccessRule> rules(List<Fields> given) throws ApiException, ConfigException {
        List<AccessRule> rules = new ArrayList<>();
        for (Fields fields : given) {
            Role role = fields.named("role", Role::of, "it must be one of reader, operator, admin");
            List<AccessRule.Who> who = new ArrayList<>();
            fields.optionalText("user").map(AccessRule.User::new).ifPresent(who::add);
            group(fields, "group").map(AccessRule.Group::new).ifPresent(who::add);
            Optional<String> subject = fields.optionalText("certificate-subject");
            if (subject.isPresent()) {
                who.add(new AccessRule.Subject(subject(subject.get())));
            }
            fields.optionalText("certificate-name")
                    .map(AccessRule.AlternativeName::new)
                    .ifPresent(who::add);
            fields.end();
            if (who.size() != 1) {
                throw wrong("the rule 'allow[" + rules.size()
                        + "]' must name exactly one of user, group, certificate-subject, certificate-name");
            }
            if (who.getFirst() instanceof AccessRule.User(String name)) {
                checkUser(name);
            }
            rules.add(new AccessRule(role, who.getFirst()));
        }
        return rules;
    }

    private X500Principal subject(String text) throws ConfigException {
        try {
            return new X500Principal(text);
        } catch (IllegalArgumentException e) {
            throw wrong("'" + text + "' is no certificate's subject, which is written as CN=deploy,O=Example");
        }
    }

    private void checkUser(String name) throws ConfigException {
        try {
            var _ = FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
        } catch (UserPrincipalNotFoundException e) {
            throw wrong("there is no user '" + name + "' on this host");
        } catch (IOException e) {
            throw wrong("the user '" + name + "' cannot be looked up: " + e.getMessage());
        }
    }

    private Optional<String> group(Fields fields, String key) throws ApiException, ConfigException {
        Optional<String> name = fields.optionalText(key);
        if (name.isPresent()) {
            try {
                var _ = FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(name.get());
            } catch (UserPrincipalNotFoundException e) {
                throw wrong("there is no group '" + name.get() + "' on this host");
            } catch (IOException e) {
                throw wrong("the group '" + name.get() + "' cannot be looked up: " + e.getMessage());
            }
        }
        return name;
    }

    private ConfigException wrong(String sentence) {
        return new ConfigException(file + ": " + sentence);
    }
}
