/* Sieve of Eratosthenes: byte stores with a stride, byte loads, short branches. */
#define N 65536
static unsigned char composite[N];

unsigned long run(unsigned long repetitions)
{
    unsigned long primes = 0;
    while (repetitions--) {
        for (unsigned long i = 0; i < N; i++)
            composite[i] = 0;
        primes = 0;
        for (unsigned long i = 2; i < N; i++) {
            if (composite[i])
                continue;
            primes++;
            for (unsigned long j = i + i; j < N; j += i)
                composite[j] = 1;
        }
    }
    return primes;
}
