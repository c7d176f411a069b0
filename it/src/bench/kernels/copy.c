/* memcpy of 16 KiB by eight unrolled doublewords, as a C library does it. */
#define N 16384
static unsigned long from[N / 8], to[N / 8];

static void __attribute__((noinline)) copy(unsigned long *d, const unsigned long *s, unsigned long words)
{
    const unsigned long *end = s + words;
    while (s < end) {
        unsigned long t0 = s[0], t1 = s[1], t2 = s[2], t3 = s[3], t4 = s[4], t5 = s[5], t6 = s[6], t7 = s[7];
        d[0] = t0; d[1] = t1; d[2] = t2; d[3] = t3; d[4] = t4; d[5] = t5; d[6] = t6; d[7] = t7;
        s += 8;
        d += 8;
    }
}

unsigned long run(unsigned long repetitions)
{
    for (int i = 0; i < N / 8; i++)
        from[i] = i * 0x9e3779b97f4a7c15ul;
    unsigned long check = 0;
    while (repetitions--) {
        copy(to, from, N / 8);
        check += to[repetitions % (N / 8)];
        from[repetitions % (N / 8)] += check;
    }
    return check;
}
