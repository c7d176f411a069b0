package dev.cprkit.agent.daemon;

import dev.cprkit.agent.journal.AuditEntry;

/** Where it is kept who changed what, beside what operations keep of themselves. Any thread may call. */
interface AuditTrail {
    void write(AuditEntry entry);
}
