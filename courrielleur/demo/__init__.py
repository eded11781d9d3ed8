"""A believable platform that plays through the doors only: SMTP in, REST in, nothing written behind their back."""
