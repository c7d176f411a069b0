/* An interpreter of a small stack machine: a jump through a table for each of its instructions. */
enum { PUSH, ADD, SUB, MUL, DUP, SWAP, LOAD, STORE, JNZ, AND, SHR, XOR, HALT };
static const unsigned char program[] = {
    /* x = seed; n = 200; do { x = (x * 5 + 3) ^ (x >> 2) & 255; n = n - 1; } while (n); */
    LOAD, 0, PUSH, 5, MUL, PUSH, 3, ADD, LOAD, 0, PUSH, 2, SHR, PUSH, 255, AND, XOR, STORE, 0,
    LOAD, 1, PUSH, 1, SUB, DUP, STORE, 1, JNZ, 0, HALT,
};

static unsigned long __attribute__((noinline)) interpret(unsigned long seed)
{
    unsigned long stack[16], memory[4] = {seed, 200, 0, 0};
    unsigned long *sp = stack;
    const unsigned char *pc = program;
    for (;;) {
        switch (*pc++) {
        case PUSH: *sp++ = *pc++; break;
        case ADD: sp--; sp[-1] += sp[0]; break;
        case SUB: sp--; sp[-1] -= sp[0]; break;
        case MUL: sp--; sp[-1] *= sp[0]; break;
        case DUP: sp[0] = sp[-1]; sp++; break;
        case SWAP: { unsigned long t = sp[-1]; sp[-1] = sp[-2]; sp[-2] = t; break; }
        case LOAD: *sp++ = memory[*pc++]; break;
        case STORE: memory[*pc++] = *--sp; break;
        case JNZ: { unsigned char to = *pc++; if (*--sp) pc = program + to; break; }
        case AND: sp--; sp[-1] &= sp[0]; break;
        case SHR: sp--; sp[-1] >>= sp[0]; break;
        case XOR: sp--; sp[-1] ^= sp[0]; break;
        default: return memory[0];
        }
    }
}

unsigned long run(unsigned long repetitions)
{
    unsigned long x = 1;
    while (repetitions--)
        x = interpret(x + repetitions);
    return x;
}
