# Part of install.sh: gets the certificate that the settings name, unless it exists.

get_certificate() {
    [ ! -e "$(value CERTIFICATE)" ] || return 0
    case $(value CERTIFICATE) in
    /etc/letsencrypt/*) order_certificate ;;
    */self-signed.pem) sign_certificate ;;
    *) die "$settings: CERTIFICATE=$(value CERTIFICATE) does not exist" ;;
    esac
}

sign_certificate() {
    local name
    name=$(value SERVER_NAME)
    say "self-signed certificate for $name"
    mkdir -p "$(dirname "$(value CERTIFICATE)")"
    (umask 077 && openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj "/CN=$name" \
        -addext "subjectAltName=DNS:$name" \
        -keyout "$(value CERTIFICATE_KEY)" -out "$(value CERTIFICATE)" 2>/dev/null)
    chmod 644 "$(value CERTIFICATE)"
}

# Let's Encrypt sends its challenge to port 80. Our own server answers it, for renewals too. But it
# does not start without a certificate, so the first time a temporary server answers.
order_certificate() {
    local name answer=/etc/nginx/conf.d/yanling-acme.conf account=--register-unsafely-without-email
    name=$(value SERVER_NAME)
    say "certificate for $name from Let's Encrypt"
    [ -z "$email" ] || account=--email=$email
    trap 'rm -f '$answer EXIT
    if [ ! -e /etc/nginx/conf.d/yanling.conf ]; then
        echo "server { listen $(value HTTP_LISTEN); server_name $name; root /var/www/html; }" >"$answer"
        web -t
        web -s reload
    fi
    certbot certonly --quiet --non-interactive --agree-tos "$account" --webroot -w /var/www/html \
        -d "$name" --deploy-hook "nginx -s reload" ||
        die "no certificate, see certbot's message above; does $name point here, and is port 80 open?"
    rm -f "$answer"
    trap - EXIT
}
