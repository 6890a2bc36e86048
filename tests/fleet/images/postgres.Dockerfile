# Stands in for the published image of PostgreSQL: Debian's, which makes its database at the first start.
FROM debian:bookworm-slim
RUN groupadd -g 999 postgres \
 && useradd -u 999 -g 999 -d /var/lib/postgresql postgres \
 && apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends postgresql >/dev/null \
 && rm -rf /var/lib/postgresql/15 \
 && install -d -o 999 -g 999 /var/lib/postgresql/data /docker-entrypoint-initdb.d
COPY postgres.sh /start.sh
ENV PATH=/usr/lib/postgresql/15/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/data
USER 999:999
ENTRYPOINT ["/start.sh"]
